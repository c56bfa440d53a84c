// Whether this server could listen where it is told to, or does so already.

import type { Check } from '../../flows/doctor/check.ts'
import { listen } from '../../runtimes/node.ts'
import { listenProblem } from '../listen-from.ts'

/** Takes the port for a moment; one that a server of ours has is as it should be. */
export const listenCheck: Check = {
  name: 'port',
  applies: () => true,
  async run({ config: { api_host: host, api_port: port } }) {
    try {
      const listening = await listen(async () => new Response('', { status: 503 }), { host, port })
      await listening.close(0)
      return []
    } catch (error) {
      const isTaken = Reflect.get(Object(error), 'code') === 'EADDRINUSE'
      return isTaken && (await isServer(host, port)) ? [] : [listenProblem(error, { host, port })]
    }
  },
}

async function isServer(host: string, port: number): Promise<boolean> {
  const name = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return fetch(`http://${name}:${port}/health`, { signal: AbortSignal.timeout(2000) }).then(
    async (response) => typeof Object(await response.json()).version === 'string',
    () => false,
  )
}
