// npm run bench -- QUESTION: answers one of the questions below by measuring.

const questions: Record<string, { about: string; ask: () => Promise<unknown> }> = {
  requests: { about: 'requests/s, latency and memory of the main requests', ask: () => import('./requests.ts') },
  ratios: { about: 'processor time of requests beside what bounds them', ask: () => import('./ratios.ts') },
  crypto: { about: 'what a token costs to sign and to check', ask: () => import('./crypto.ts') },
}

const [, , name = 'requests'] = process.argv
const question = questions[name]
if (question) await question.ask()
else {
  for (const [known, { about }] of Object.entries(questions)) console.error(`npm run bench -- ${known}: ${about}`)
  process.exitCode = 2
}
