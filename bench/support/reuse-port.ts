// Loaded before `postern serve`: its workers listen on sockets of their own with SO_REUSEPORT, so that both ways can be compared.
import cluster from 'node:cluster'
import { Server } from 'node:net'

const { listen } = Server.prototype
if (cluster.isWorker)
  Server.prototype.listen = function (this: Server, port: unknown, host: unknown, done: unknown) {
    const listener = typeof host === 'function' ? host : done
    const where = { port: Number(port), ...(typeof host === 'string' && { host }), reusePort: true }
    return listen.call(this, where, listener as () => void)
  } as typeof listen
