// Profiles of processor and heap on demand, as V8 writes them, for Chrome's developer tools and speedscope.
import { Session } from 'node:inspector/promises'
import type { Config } from '../config/keys.ts'
import { findListener } from '../config/listeners.ts'
import type { Logger } from '../log.ts'
import { type Content, listenBeside } from './listen-beside.ts'

const longest_s = 300

/** Listens where GOTRUE_PROFILER_… say; of several workers each request gets one. */
export async function startProfilerIfAsked(
  config: Config,
  log: Logger,
): Promise<{ port: number; close(): Promise<void> } | null> {
  const listener = findListener(config, 'profiles')
  if (!listener) return null
  return listenBeside({
    ...listener,
    log,
    answer: async ({ pathname, searchParams }) => {
      const seconds = Math.min(Math.max(Number(searchParams.get('seconds')) || 10, 1), longest_s)
      if (pathname === '/debug/pprof/profile') return profileCpu(seconds)
      if (pathname === '/debug/pprof/heap') return profileHeap(seconds)
      return null
    },
  })
}

async function profileCpu(seconds: number): Promise<Content> {
  const profile = await inSession(async (session) => {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await pause(seconds)
    return (await session.post('Profiler.stop')).profile
  })
  return { type: 'application/json', body: JSON.stringify(profile), file: 'postern.cpuprofile' }
}

/** What is allocated meanwhile and still in use at the end, by function. */
async function profileHeap(seconds: number): Promise<Content> {
  const profile = await inSession(async (session) => {
    await session.post('HeapProfiler.startSampling')
    await pause(seconds)
    return (await session.post('HeapProfiler.stopSampling')).profile
  })
  return { type: 'application/json', body: JSON.stringify(profile), file: 'postern.heapprofile' }
}

async function inSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const session = new Session()
  session.connect()
  try {
    return await work(session)
  } finally {
    session.disconnect()
  }
}

const pause = (seconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, seconds * 1000))
