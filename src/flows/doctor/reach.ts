// Opens a connection to an address and closes it again: whether something is there, and shows a certificate that is good.
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { explainFailure } from './explain-failure.ts'

const wait_ms = 5000
const soon_ms = 14 * 86_400_000

/**
 * What is wrong with the other end of `http://…` or `https://…`, as the end of a sentence; null when nothing is.
 * Nothing is asked there.
 */
export function reachProblem(address: string, now: () => number): Promise<string | null> {
  const { protocol, hostname, port } = new URL(address)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isTls = protocol === 'https:'
  const target = { host, port: Number(port || (isTls ? 443 : 80)), timeout: wait_ms }
  return new Promise((resolve) => {
    const socket = isTls
      ? connectTls({ ...target, ...(/[a-z]/i.test(host) && { servername: host }) })
      : connectTcp(target)
    const settle = (problem: string | null) => {
      socket.destroy()
      resolve(problem)
    }
    socket.once(isTls ? 'secureConnect' : 'connect', () => settle(isTls ? expiry(socket as TLSSocket, now()) : null))
    socket.once('timeout', () => settle(explainFailure({ code: 'ETIMEDOUT' })))
    socket.once('error', (error) => settle(explainFailure(error)))
  })
}

/** A certificate that ends within two weeks is told while there is time. */
function expiry(socket: TLSSocket, now_ms: number): string | null {
  const until = Date.parse(socket.getPeerCertificate().valid_to)
  return until - now_ms < soon_ms
    ? `its certificate ends on ${new Date(until).toISOString().slice(0, 10)}: renew it there`
    : null
}
