// A server process on a database of its own, and requests that never stop while something happens to it.

import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandEnvironment } from './command.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type ServerProcess, startServe } from './process.ts'

/** A served database, with a folder for sockets and files. */
export interface Serving {
  server: ServerProcess
  database: TestDatabase
  env: Record<string, string>
  folder: string
  close(): Promise<void>
}

/** Starts `postern serve` with variables and options. */
export async function startServing(
  more: Record<string, string> = {},
  args: (folder: string) => string[] = () => [],
): Promise<Serving> {
  const database = await testDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'postern-serving-'))
  const env = {
    ...commandEnvironment(database.url),
    GOTRUE_MAILER_AUTOCONFIRM: 'true',
    GOTRUE_RATE_LIMIT_HEADER: 'x-client',
    POSTERN_CONTROL_SOCKET: join(folder, 'control.sock'),
    ...more,
  }
  const server = await startServe(env, args(folder))
  return {
    server,
    database,
    env,
    folder,
    async close() {
      if (server.child.exitCode === null) await server.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What became of requests. */
export interface Load {
  /** How many were answered so far. */
  answered(): number
  /** Ends it; gives how many were answered, and what went wrong with the others. */
  stop(): Promise<{ answered: number; failures: string[] }>
}

/** Asks so many times a second, over connections that are kept alive, until it is stopped. */
export function startLoad(url: string, per_s: number): Load {
  // All connections take their turns: none is kept so long that the server ends it.
  const agent = new Agent({ keepAlive: true, maxSockets: 32, scheduling: 'fifo' })
  const failures: string[] = []
  const running = new Set<Promise<void>>()
  let answered = 0
  let isOver = false
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const asked = request(url, { agent }, (response) => {
        response.resume().on('end', () => {
          if (response.statusCode === 200) answered++
          else failures.push(`status ${response.statusCode}`)
          resolve()
        })
      })
      asked.on('error', (error) => {
        failures.push(String(Reflect.get(error, 'code') ?? error.message))
        resolve()
      })
      asked.end()
    })
  const askSome = (): void => {
    for (let i = 0; i < per_s / 50 && !isOver; i++) {
      const one = ask().finally(() => running.delete(one))
      running.add(one)
    }
  }
  // After a stall of this process it is read first which connections have ended meanwhile.
  const timer = setInterval(() => setImmediate(askSome), 20)
  return {
    answered: () => answered,
    async stop() {
      isOver = true
      clearInterval(timer)
      await Promise.all(running)
      agent.destroy()
      return { answered, failures }
    },
  }
}
