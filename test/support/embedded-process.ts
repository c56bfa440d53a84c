// The embedded PostgreSQL in state folders of their own, started here or by another process of ours.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/storage/embedded/start-embedded-postgres.ts'
import { removeState } from './embedded-server.ts'

/** The folder of this checkout. */
export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A database that another process of ours started. */
export interface StartedElsewhere {
  child: ChildProcess
  url: string
  admin_url: string
  /** Why it did not start. */
  error?: string
}

/** What the tests of a file do with embedded databases; folders and processes are gone after the last test. */
export function embeddedProcesses() {
  const folders: string[] = []
  const children: ChildProcess[] = []
  const lines: string[] = []
  after(() => {
    for (const child of children) child.kill('SIGKILL')
    for (const folder of folders) removeState(folder)
  })
  return {
    /** What the databases that were started here have logged. */
    lines,
    newFolder(): string {
      const folder = mkdtempSync(join(tmpdir(), 'postern-embedded-'))
      folders.push(folder)
      return folder
    },
    /** Has a folder removed before those around it. */
    removeFirst: (folder: string): void => void folders.unshift(folder),
    start: (state_dir: string, port?: number): Promise<EmbeddedPostgres> =>
      startEmbeddedPostgres({ state_dir, ...(port !== undefined && { port }), log: (line) => lines.push(line) }),
    /** Another process of ours that starts the database, tells its URLs or why not, and ends when told to. */
    async startElsewhere(
      state_dir: string,
      options: { from?: string; node?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
    ): Promise<StartedElsewhere> {
      const { from = checkout, node = process.execPath, env = process.env, ...user } = options
      const source = `
    import { startEmbeddedPostgres } from ${JSON.stringify(pathToFileURL(join(from, 'src/storage/embedded/start-embedded-postgres.ts')).href)}
    const options = { state_dir: ${JSON.stringify(state_dir)}, log() {} }
    const server = await startEmbeddedPostgres(options).catch((error) => ({ error: error.message }))
    console.log(JSON.stringify(server))
    process.stdin.once('data', async (order) => {
      if (String(order) === 'stop') await server.stop()
      process.exit()
    })`
      const child = spawn(node, ['--input-type=module', '--eval', source], {
        env,
        cwd: state_dir,
        stdio: ['pipe', 'pipe', 'inherit'],
        ...user,
      })
      children.push(child)
      assert.ok(child.stdout)
      const [line] = await once(createInterface(child.stdout), 'line')
      return { child, ...JSON.parse(String(line)) }
    },
  }
}

/** Ends a process that started a database, with or without the database. */
export async function endElsewhere(child: ChildProcess, order: 'stop' | 'exit'): Promise<void> {
  child.stdin?.write(order)
  if (child.exitCode === null) await once(child, 'exit')
}

/** The first row of a statement on a database. */
export async function askDatabase(url: string, text: string): Promise<Record<string, unknown> | undefined> {
  const db = openPostgres({ url, namespace: 'auth', max: 1 })
  const [row] = await db.query(text).finally(() => db.close())
  return row
}

/** The process id of the server of a state folder. */
export const postmasterOf = (state_dir: string): number =>
  Number(readFileSync(join(state_dir, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
