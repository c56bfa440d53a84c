// Why a PostgreSQL hangs up before it says anything: its host, its port, TLS that it lacks, or its certificate.
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type DatabaseTarget, parseDatabaseUrl } from '../../config/database-url.ts'
import { explainFailure } from './explain-failure.ts'

const wait_ms = 5000
/** Asks a server of PostgreSQL whether it speaks TLS: length 8, code 80877103. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const yes = 'S'.charCodeAt(0)

/** What is wrong with the server of an address, as the end of a sentence; null when nothing is. */
export async function probeDatabase(url: string): Promise<string | null> {
  const {
    host: [host = ''],
    port: [port = 5432],
    path,
    ssl,
  } = parseDatabaseUrl(url)
  const socket = path === undefined ? connectTcp({ host, port }) : connectTcp({ path })
  socket.setTimeout(wait_ms, () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
  try {
    await once(socket, 'connect')
    if (ssl === false) return null
    socket.write(sslRequest)
    const [answer] = await once(socket, 'data')
    if (answer === yes) await handshake(socket, host, ssl)
    else if (ssl !== 'prefer')
      return 'it speaks no TLS: take sslmode out of its address where the network is your own, or switch TLS on there'
    return null
  } catch (error) {
    return explainFailure(error)
  } finally {
    socket.destroy()
  }
}

const handshake = (socket: Socket, host: string, ssl: Exclude<DatabaseTarget['ssl'], false>): Promise<Buffer> => {
  const options: ConnectionOptions = typeof ssl === 'object' ? ssl : { rejectUnauthorized: ssl === 'verify-full' }
  return once(connectTls({ ...options, socket, ...(/[a-z]/i.test(host) && { servername: host }) }), 'secureConnect')
}

/** The first event of a kind. @throws the error that comes instead */
function once(socket: Socket, event: 'connect' | 'data' | 'secureConnect'): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once(event, (data: Buffer) => resolve(data))
    socket.once('error', reject)
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
  })
}
