// Ports for the few servers that cannot be told to take any, or that must come back where they were.
import { createServer } from 'node:net'

// Systems give ports from 32768 on (RFC 6335 §6: from 49152) to whoever asks for any: nobody gets one of these by chance.
const first = 10_000
const perProcess = 8
const places = 2500
let used = 0

/** A port of 127.0.0.1 that only this process of the tests uses, at most eight in its life. */
export async function ownPort(): Promise<number> {
  for (; used < perProcess; ) {
    const port = first + (process.pid % places) * perProcess + used++
    if (await isFree(port)) return port
  }
  throw new Error('this process has used up its ports')
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
