// A relay between a pool and its server: it counts turns, and cuts connections when asked to.
import { connect, createServer, type Socket } from 'node:net'

/** A way to a server on which its clients can be cut off. */
export interface Relay {
  url: string
  /** How often a client has spoken after it was spoken to. */
  turns(): number
  /** Ends the connections that are open as soon as something is sent on them. */
  cutOpen(how: 'destroy' | 'resetAndDestroy'): void
  /** Leads connections from now on to another server. */
  leadTo(url: string): void
  /** Lets nothing more through on the connections that are open, without a word, as a machine that lost its power. */
  silenceOpen(): void
  close(): void
}

/** Forwards to a server. */
export async function startRelay(url: string): Promise<Relay> {
  let target = new URL(url)
  let turns = 0
  const clients = new Set<Socket>()
  const doomed = new Map<Socket, 'destroy' | 'resetAndDestroy'>()
  const cutOpen: Relay['cutOpen'] = (how) => {
    for (const client of clients) doomed.set(client, how)
  }
  const silenced = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let server_spoke = true
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('data', (data) => {
      if (silenced.has(client)) return
      const how = doomed.get(client)
      if (how) return client[how]()
      if (server_spoke) turns++
      server_spoke = false
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (silenced.has(client)) return
      server_spoke = true
      client.write(data)
    })
    const end = () => [client, upstream].map((socket: Socket) => socket.destroy())
    for (const socket of [client, upstream]) socket.on('close', end).on('error', end)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxied = new URL(url)
  proxied.port = String((server.address() as { port: number }).port)
  return {
    url: proxied.href,
    turns: () => turns,
    cutOpen,
    leadTo(next) {
      target = new URL(next)
    },
    silenceOpen() {
      for (const client of clients) silenced.add(client)
    },
    close: () => void server.close(),
  }
}
