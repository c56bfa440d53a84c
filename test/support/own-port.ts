// Ports for the few servers that cannot be told to take any, or that must come back where they were.
import { createServer } from 'node:net'

// Nobody gets one of these by chance: systems give ports from 32768 on to whoever asks for any (RFC 6335 §6: from 49152), an
// embedded PostgreSQL draws one from 15000 on, and 10080 is the last that fetch and browsers refuse to ask.
const first = 10_081
const perProcess = 8
const places = 610
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
