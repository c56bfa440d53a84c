// The sentence on a port or address that a server cannot have, the same at its start and in doctor.
import { systemCode } from '../system-code.ts'
import type { Listener } from './listeners.ts'

/** What keeps a server from listening, and what to do. */
export function listenProblem(error: unknown, { what, host, port, port_name, host_name }: Listener): string {
  const code = systemCode(error)
  // That of the API has more names than one, and --port beside them.
  const [begin, by] = what === 'API' ? ['', ' with PORT or --port'] : [`${port_name}: `, '']
  if (code === 'EADDRINUSE') return `${begin}port ${port} is taken by another program: end it, or set another${by}`
  if (code === 'EACCES') return `${begin}port ${port} may not be used by this user: set one over 1023${by}`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${host_name} is no address of this machine (${host}): leave it empty, or set 127.0.0.1 or 0.0.0.0`
  return `${begin}cannot listen on ${host === '' ? '' : `${host}, `}port ${port}: ${code}`
}
