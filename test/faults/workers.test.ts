// Several workers behind one port: exchanged under load, killed, and given up on when they cannot live.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServerProcess, startCommand, until } from '../support/process.ts'
import { startLoad, startServing } from '../support/serving.ts'

const workersOf = (output: string, path = ''): number[] => {
  const lines = output.split('\n').filter((line) => line.includes(path))
  return [...new Set(lines.join('\n').match(/(?<="worker":")\d+/g) ?? [])].map(Number)
}

/** Asks until two workers other than those have answered. */
const twoAnswer = (server: ServerProcess, others: readonly number[] = []): Promise<number[]> =>
  until('two workers answer', async () => {
    await fetch(`${server.url}/settings`, { headers: { connection: 'close' } }).then((response) => response.text())
    const found = workersOf(server.output()).filter((pid) => !others.includes(pid))
    return found.length === 2 ? found : null
  })

const signUp = (url: string, email: string, client = '203.0.113.1') =>
  fetch(`${url}/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-client': client },
    body: JSON.stringify({ email, password: 'correct horse battery staple' }),
  })

test('a limit is counted once for all workers', async () => {
  const serving = await startServing(
    { GOTRUE_RATE_LIMIT_ANONYMOUS_USERS: '5', GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true' },
    () => ['--workers', '2'],
  )
  try {
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) {
      const response = await fetch(`${serving.server.url}/signup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-client': '203.0.113.9', connection: 'close' },
        body: '{}',
      })
      await response.text()
      statuses.push(response.status)
    }
    await until('both workers have answered', () => workersOf(serving.server.output(), '"/signup"').length === 2)
    const passed = statuses.filter((status) => status === 200).length
    assert.ok(passed >= 5 && passed <= 7, `${passed} of 12 passed a limit of 5`)
  } finally {
    await serving.close()
  }
})

test('postern reload exchanges the workers under 500 requests a second, and none fails', async () => {
  const serving = await startServing({}, () => ['--workers', '2'])
  const { server, env } = serving
  try {
    const before = await twoAnswer(server)
    const load = startLoad(`${server.url}/settings`, 500)
    await until('requests are answered', () => load.answered() > 100)
    const { ended, output } = startCommand(['reload'], env)
    assert.equal(await ended, 0, output())
    assert.match(output(), /^The server serves with the new configuration\.\n$/)
    const reloaded = load.answered()
    await until('requests go on', () => load.answered() > reloaded + 100)
    const { failures } = await load.stop()
    assert.deepEqual(failures, [])
    await twoAnswer(server, before)
    for (const pid of before) assert.throws(() => process.kill(pid, 0), /ESRCH/)
  } finally {
    await serving.close()
  }
})

test('a worker that is killed under load loses no acknowledged account and is replaced', async () => {
  const serving = await startServing({}, () => ['--workers', '2'])
  const { server, database } = serving
  try {
    const [victim = 0] = await twoAnswer(server)
    const acknowledged: string[] = []
    const running = Array.from({ length: 20 }, async (_, i) => {
      const email = `worker${i}@example.com`
      const response = await signUp(server.url, email, `203.0.113.${i}`).catch(() => null)
      if (response?.status === 200) acknowledged.push(email)
    })
    await until('some sign-ups are acknowledged', () => acknowledged.length >= 3)
    process.kill(victim, 'SIGKILL')
    await Promise.all(running)
    const rows = await database.db.query<{ email: string }>('select email from auth.users')
    const stored = new Set(rows.map(({ email }) => email))
    for (const email of acknowledged) assert.ok(stored.has(email), `${email} is there`)
    await until('the worker is replaced', () => /a worker ended and is replaced/.test(server.output()))
    await twoAnswer(server, [victim])
  } finally {
    await serving.close()
  }
})

test('workers that end again and again soon after their start end the server with the reason', async () => {
  // 1.5 s after it serves, however long its start takes.
  const crash = `import cluster from 'node:cluster'
    const { send } = process
    if (cluster.isWorker) process.send = (message, ...rest) => {
      if (message.kind === 'serves') setTimeout(() => process.exit(7), 1500)
      return send.call(process, message, ...rest)
    }`
  const serving = await startServing(
    { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}` },
    () => ['--workers', '2'],
  )
  const { server } = serving
  try {
    assert.equal(await server.ended, 1)
    assert.match(server.output(), /workers ended 5 times in a row within 10 s of their start, the last with code 7/)
  } finally {
    await serving.close()
  }
})
