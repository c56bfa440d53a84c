// A server as a process: started by a command, waited for until it is healthy, and looked at from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { get } from 'node:http'
import { mostMemory, processorTime, residentMemory, treeOf } from './processor-time.ts'

/** A server that answers. */
export interface Started {
  port: number
  /** The path that says 200 while it is healthy. */
  health: string
  pid: number
  /** From its start to its first healthy answer, in milliseconds: by the clock, and of the processor in its first process. */
  cold: { wall_ms: number; processor_ms: number }
  /** Microseconds of the processor so far, of all its processes. */
  used(): number
  /** Those of its processes, in megabytes: now, and the most that each ever had. */
  memory(): { now: number; most: number }
  /** Ends it and waits until all that descends from it is gone. */
  close(): Promise<void>
}

/** What to start. */
export interface StartOptions {
  /** The program and its arguments; one text alone is for a shell. */
  command: string[]
  env: Record<string, string>
  port: number
  /** The path that says 200 once it is healthy. */
  health: string
  /** Milliseconds after which it is given up; 60 000 by default. */
  patience_ms?: number
}

/** Whether a path says 200. */
const isHealthy = (port: number, path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const sent = get({ host: '127.0.0.1', port, path, agent: false, timeout: 2000 }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode === 200))
    })
    sent.once('timeout', () => sent.destroy())
    sent.once('error', () => resolve(false))
  })

/**
 * Starts a server and waits until it is healthy.
 * @throws Error with what it last said when it ends or takes too long
 */
export async function startProcess(options: StartOptions): Promise<Started> {
  const { command, env, port, health, patience_ms = 60_000 } = options
  const [program = '', ...args] = command
  const begun = performance.now()
  const child = spawn(program, args, {
    shell: command.length === 1,
    // A group of its own, so that all of it can be ended.
    detached: true,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-2000)
    })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const close = () => end(child, ended, command.length === 1)
  const pid = child.pid ?? 0
  for (;;) {
    if (await isHealthy(port, health)) break
    if (child.exitCode !== null || performance.now() - begun > patience_ms) {
      await close()
      throw new Error(`${command.join(' ')} does not answer ${health}:\n${output}`)
    }
    await new Promise((wake) => setTimeout(wake, 4))
  }
  const cold = { wall_ms: performance.now() - begun, processor_ms: processorTime(pid) / 1000 }
  const sum = (of: (one: number) => number) => treeOf(pid).reduce((total, one) => total + of(one), 0)
  return {
    port,
    health,
    pid,
    cold,
    used: () => sum(processorTime),
    memory: () => ({ now: sum(residentMemory), most: sum(mostMemory) }),
    close,
  }
}

/** A shell is asked together with what it runs; a program of ours ends what it has started by itself. */
async function end(child: ChildProcess, ended: Promise<void>, isShell: boolean): Promise<void> {
  const pid = child.pid ?? 0
  const signal = (to: number, name: 'SIGTERM' | 'SIGKILL') => {
    try {
      process.kill(to, name)
    } catch {
      // It has ended by itself.
    }
  }
  signal(isShell ? -pid : pid, 'SIGTERM')
  const timer = setTimeout(() => signal(-pid, 'SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
