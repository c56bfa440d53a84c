// Listens on the first port that is free, without asking first whether it is.
import { listenProblem } from '../config/listen-problem.ts'
import { apiListener } from '../config/listeners.ts'
import { type Handle, type KeptAnswer, type Listening, type ListenOptions, listen } from '../runtimes/node.ts'
import { systemCode } from '../system-code.ts'

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
      const isTaken = systemCode(error) === 'EADDRINUSE'
      if (!isTaken || next >= last) throw new Error(listenProblem(error, { ...apiListener, host, port: next }))
    }
  }
}
