// Preloaded into every test process: connections to anything but this machine fail at once and say so.
import { Socket } from 'node:net'

const isLocal = (host: string): boolean =>
  host === '' || host === 'localhost' || host === '::1' || /^127\./.test(host) || host.endsWith('.localhost')

const connect = Socket.prototype.connect

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  const [first] = args.flat()
  const options = typeof first === 'object' && first !== null ? first : {}
  const path: unknown =
    Reflect.get(options, 'path') ?? (typeof first === 'string' && Number.isNaN(Number(first)) ? first : undefined)
  const host = String(Reflect.get(options, 'host') ?? (typeof args.flat()[1] === 'string' ? args.flat()[1] : '') ?? '')
  if (path === undefined && !isLocal(host)) {
    const refusal = Object.assign(new Error(`tests have no network: ${host} was asked for`), { code: 'ENOTFOUND' })
    queueMicrotask(() => this.destroy(refusal))
    return this
  }
  return Reflect.apply(connect, this, args)
}
