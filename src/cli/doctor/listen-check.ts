// Whether this server could listen where it is told to, or does so already.
import { listenProblem } from '../../config/listen-problem.ts'
import { type Listener, listenersOf } from '../../config/listeners.ts'
import type { Check } from '../../flows/doctor/check.ts'
import { jsonOrNull } from '../../json-values.ts'
import { listen } from '../../runtimes/node.ts'
import { systemCode } from '../../system-code.ts'

/** What a server of ours answers on each of its ports. */
const answers: Record<Listener['what'], { path: string; isOurs(text: string): boolean }> = {
  API: { path: '/health', isOurs: (text) => typeof Object(jsonOrNull(text)).version === 'string' },
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
  const { host, port } = listener
  try {
    const listening = await listen(async () => new Response('', { status: 503 }), { host, port })
    await listening.close(0)
    return []
  } catch (error) {
    const isTaken = systemCode(error) === 'EADDRINUSE'
    if (isTaken && (await isServer(listener))) return []
    return [listenProblem(error, listener)]
  }
}

async function isServer({ what, host, port }: Listener): Promise<boolean> {
  const name = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const { path, isOurs } = answers[what]
  return fetch(`http://${name}:${port}${path}`, { signal: AbortSignal.timeout(2000) }).then(
    async (response) => isOurs(await response.text()),
    () => false,
  )
}
