// Listens on the first port that is free, without asking first whether it is.
import { type Handle, type KeptAnswer, type Listening, type ListenOptions, listen } from '../runtimes/node.ts'

/** Where to listen: `tries` ports from `port` on; 0 takes any that is free. */
interface Ports extends ListenOptions {
  tries: number
}

/**
 * Listens on the first of some ports that is free.
 * @throws Error that says what to do when there is none, or the address cannot be had
 */
export async function listenFrom(
  handle: Handle,
  { host, port, tries, ...bounds }: Ports,
  kept?: KeptAnswer,
): Promise<Listening> {
  const last = Math.min(port + tries - 1, 65_535)
  for (let next = port; ; next++) {
    try {
      return await listen(handle, { ...bounds, host, port: next }, kept)
    } catch (error) {
      const isTaken = codeOf(error) === 'EADDRINUSE'
      if (!isTaken || next >= last) throw new Error(listenProblem(error, { host, port: next }))
    }
  }
}

const codeOf = (error: unknown): string => String(Reflect.get(Object(error), 'code'))

/** What keeps a server from listening, and what to do. */
export function listenProblem(error: unknown, { host, port }: { host: string; port: number }): string {
  const code = codeOf(error)
  if (code === 'EADDRINUSE')
    return `port ${port} is taken by another program: end it, or set another with PORT or --port`
  if (code === 'EACCES') return `port ${port} may not be used by this user: set one over 1023 with PORT or --port`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `GOTRUE_API_HOST is no address of this machine (${host}): leave it empty, or set 127.0.0.1 or 0.0.0.0`
  return `cannot listen on ${host === '' ? '' : `${host}, `}port ${port}: ${code}`
}
