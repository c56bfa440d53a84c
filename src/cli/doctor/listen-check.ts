// Whether this server could listen where it is told to, or does so already.

import { type Listener, listenersOf } from '../../config/listeners.ts'
import type { Check } from '../../flows/doctor/check.ts'
import { listen } from '../../runtimes/node.ts'
import { listenProblem } from '../listen-from.ts'

/** What a server of ours answers on each of its ports. */
const answers: Record<Listener['what'], { path: string; isOurs(text: string): boolean }> = {
  API: { path: '/health', isOurs: (text) => typeof Object(parse(text)).version === 'string' },
  metrics: { path: '/metrics', isOurs: (text) => text.includes('gotrue_running') },
  profiles: { path: '/debug/pprof/', isOurs: (text) => text === 'not found\n' },
}

/** Takes each port for a moment; one that a server of ours has is as it should be. */
export const listenCheck: Check = {
  name: 'ports',
  applies: () => true,
  run: async ({ config }) => (await Promise.all(listenersOf(config).map(problemOf))).flat(),
}

async function problemOf(listener: Listener): Promise<string[]> {
  const { what, host, port, port_name } = listener
  try {
    const listening = await listen(async () => new Response('', { status: 503 }), { host, port })
    await listening.close(0)
    return []
  } catch (error) {
    const isTaken = Reflect.get(Object(error), 'code') === 'EADDRINUSE'
    if (isTaken && (await isServer(listener))) return []
    return [what === 'API' ? listenProblem(error, { host, port }) : `${port_name}: ${whyNot(error, listener)}`]
  }
}

function whyNot(error: unknown, { what, host, port }: Listener): string {
  const code = String(Reflect.get(Object(error), 'code'))
  return code === 'EADDRINUSE'
    ? `port ${port} is taken by another program; end it, or set another for ${what}`
    : `${what} cannot be offered on ${host}, port ${port} (${code})`
}

async function isServer({ what, host, port }: Listener): Promise<boolean> {
  const name = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const { path, isOurs } = answers[what]
  return fetch(`http://${name}:${port}${path}`, { signal: AbortSignal.timeout(2000) }).then(
    async (response) => isOurs(await response.text()),
    () => false,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
