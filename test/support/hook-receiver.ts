// Receivers of hooks over HTTP on the loopback, and the hooks that call them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { after } from 'node:test'
import { AuthError } from '../../src/errors.ts'
import { createHooks, type Hooks } from '../../src/hooks/hooks.ts'

/** A call that a receiver got. */
export interface Call {
  headers: IncomingHttpHeaders
  body: string
}
const servers: Server[] = []

after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

/** A log that nobody reads. */
export const log = { debug() {}, info() {}, warn() {}, error() {} }
/** Of whom a hook is told. */
export const where = { client_address: '192.0.2.7' }
/** A secret of hooks. */
export const secret = `v1,whsec_${Buffer.from('one secret of thirty-two bytes!!').toString('base64')}`

/** A server that answers as told, and the calls that it got. */
export async function listen(answer: (response: ServerResponse, call: number) => void) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      answer(response, calls.length)
    })
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const address = server.address()
  assert(address && typeof address === 'object')
  return { uri: `http://127.0.0.1:${address.port}/hook`, calls }
}

type Name = Parameters<Hooks['enabled']>[0]

/** The hooks of a server that has one, at an address. */
export const hooksAt = (name: Name, uri: string, secrets = [secret]): Hooks =>
  createHooks({
    config: { hooks: { [name]: { enabled: true, uri, secrets } } },
    fetch,
    log,
    now: Date.now,
    callFunction: () => assert.fail('no function is called over HTTP'),
  })

/** Answers with JSON. */
export const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
/** A person that hooks are asked about. */
export const user = { id: 'b7a9f7a4-0000-4000-8000-000000000001', email: 'ada@example.test' }

/** What came of a call: its output, or the error that the person sees. */
export const outcome = async (promise: Promise<unknown>) => {
  try {
    return { output: await promise }
  } catch (error) {
    assert(error instanceof AuthError, String(error))
    return { status: error.status, code: error.code, message: error.message }
  }
}

/** Asks the hook before a user is created, which answers as told. */
export const before = async (answer: (response: ServerResponse, call: number) => void) => {
  const { uri, calls } = await listen(answer)
  return { ...(await outcome(hooksAt('before_user_created', uri).run('before_user_created', { user }, where))), calls }
}
/** The outcome of a refusal. */
export const failure = (message: string, status = 500, code = 'unexpected_failure') => ({ status, code, message })
