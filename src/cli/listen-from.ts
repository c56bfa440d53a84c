// Listens on the first port that is free, without asking first whether it is.
import { type Handle, type Listening, listen } from '../runtimes/node.ts'

/**
 * Listens on the first of a hundred ports from `port` on; 0 takes any that is free.
 * @throws Error with code EADDRINUSE when all are taken
 */
export async function listenFrom(handle: Handle, options: { host: string; port: number }): Promise<Listening> {
  for (let port = options.port; ; port++) {
    try {
      return await listen(handle, { host: options.host, port })
    } catch (error) {
      const isTaken = Reflect.get(Object(error), 'code') === 'EADDRINUSE'
      if (!isTaken || port >= Math.min(options.port + 99, 65_535)) throw error
    }
  }
}
