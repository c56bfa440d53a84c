// Loaded into the runner of recorded behaviour: every exchange with the server must be as docs/openapi.json describes it.
import { publishedApi } from '../support/described-api.ts'

const problemsOf = publishedApi()
const problems = new Map<string, number>()
let exchanges = 0

const ask = globalThis.fetch
globalThis.fetch = async (input, init = {}) => {
  const response = await ask(input, init)
  const { method = 'GET', body } = init
  const { pathname, search } = new URL(String(input))
  exchanges += 1
  const found = problemsOf({
    method,
    path: `${pathname}${search}`,
    request_type: new Headers(init.headers).get('content-type') ?? '',
    request_body: typeof body === 'string' ? body : '',
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: await response.clone().text(),
    location: response.headers.get('location'),
  })
  for (const problem of found) problems.set(problem, (problems.get(problem) ?? 0) + 1)
  return response
}

process.once('exit', () => {
  for (const [problem, times] of problems) console.log(`✗ not as docs/openapi.json says, ${times} times: ${problem}`)
  if (problems.size > 0) process.exitCode = 1
  else console.log(`${exchanges} exchanges are as docs/openapi.json says`)
})
