// Processes of the embedded database: what runs under a process id, and how a PostgreSQL server is started and stopped.
import { execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../system-code.ts'

/** The user that a process runs as, and the folder it runs in. */
export interface Account {
  /** Absent for our own user. */
  uid?: number
  gid?: number
  home: string
}

/** A PostgreSQL server that runs, whoever started it. */
export interface Postmaster {
  pid: number
  port: number
}

/** Whether a process with this id exists, of any user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/** One line of `ps` about a process, or '' where there is none; `/proc` answers on Linux, without a process. */
function describe(pid: number, proc_file: string, ps_column: string): string {
  try {
    return readFileSync(`/proc/${pid}/${proc_file}`, 'utf8')
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return ''
  }
  try {
    return execFileSync('ps', ['-o', `${ps_column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** Tells a process apart from a later one that got the same id: when it started. */
export function startOf(pid: number): string {
  const status = describe(pid, 'stat', 'lstart')
  // In /proc/PID/stat the name may hold blanks; the start is the 20th field after it.
  return process.platform === 'linux' ? (status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '') : status
}

const commandOf = (pid: number): string => describe(pid, 'cmdline', 'command')

/** The server of a data folder as its postmaster.pid names it, if that process is one; `ready` once it takes connections. */
export function readPostmaster(data: string): (Postmaster & { ready: boolean }) | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid < 2 || !isAlive(pid)) return undefined
  if (process.platform !== 'win32' && !commandOf(pid).includes(data)) return undefined
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' }
}

/** Waits until `done` gives a value; undefined after `limit_ms`. */
export async function waitFor<T>(limit_ms: number, done: () => T | undefined): Promise<T | undefined> {
  const deadline = performance.now() + limit_ms
  for (;;) {
    const found = done()
    if (found !== undefined || performance.now() > deadline) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const spawnOptions = (account: Account): SpawnOptions => ({
  cwd: account.home,
  ...(account.uid !== undefined && { uid: account.uid, gid: account.gid }),
  // Nothing of the caller's: LANG may be unset or wrong, and PG… variables would be read.
  env: { PATH: '/usr/bin:/bin', HOME: account.home, LC_ALL: 'C', TZ: 'UTC' },
})

/** Runs a program of PostgreSQL to its end. @throws Error with what it printed */
export async function runProgram(program: string, args: string[], account: Account): Promise<void> {
  const child = spawn(program, args, { ...spawnOptions(account), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const collect = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} failed:\n${output.trim()}`)
}

/**
 * Starts a server and waits until it takes connections.
 * @throws Error with the end of its log
 */
export async function startPostmaster(
  options: { program: string; data: string; log_file: string; settings: Record<string, string | number> },
  account: Account,
): Promise<Postmaster> {
  const log = openSync(options.log_file, 'w', 0o600)
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // A session of its own: Ctrl-C in a terminal is ours to act on. A file and no pipe: the server may outlive us.
  const child = spawn(options.program, ['-D', options.data, ...settings], {
    ...spawnOptions(account),
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended: Error | undefined
  child.on('error', (error) => {
    ended = error
  })
  const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
    ended ??= new Error(`PostgreSQL ended (${signal ?? code}):\n${tail(options.log_file)}`)
  }
  child.on('exit', onExit)
  child.unref()
  const started = await waitFor(60_000, () => {
    const found = ended ? undefined : readPostmaster(options.data)
    return ended ?? (found?.ready && found.pid === child.pid ? found : undefined)
  })
  // Once it runs, its end is its owner's to tell, who may have removed the log with the database.
  child.off('exit', onExit)
  if (started instanceof Error) throw started
  if (started) return started
  child.kill('SIGKILL')
  throw new Error(`PostgreSQL did not start within a minute:\n${tail(options.log_file)}`)
}

const tail = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n')

/** Stops a server: open transactions are rolled back, everything committed is on disk. */
export async function stopPostmaster(data: string, pid: number): Promise<void> {
  const isGone = () => (readPostmaster(data)?.pid === pid ? undefined : true)
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT gives up at once and recovers at the next start.
  for (const [signal, limit_ms] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    if (isGone()) return
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    if (!(await waitFor(limit_ms, isGone))) continue
    // The file goes a moment before the process; one that nobody collects has no command any more, but stays.
    await waitFor(1000, () => (isAlive(pid) && commandOf(pid) !== '' ? undefined : true))
    return
  }
}
