// Finds a port to listen on.
import { createServer } from 'node:net'

/**
 * The first port from `wanted` on that is free on an address; a hundred are tried.
 * @throws Error when none is
 */
export async function freePort(host: string, wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 100 && port < 65_536; port++) if (await isFree(host, port)) return port
  throw new Error(`no free port from ${wanted} on`)
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
