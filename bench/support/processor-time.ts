// Processor time of processes, read from proc(5) to the nanosecond.
import { readdirSync, readFileSync } from 'node:fs'

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

/** What the threads of a process have run, in microseconds; 0 once it is gone. */
export function processorTime(pid: number): number {
  let ns = 0
  try {
    for (const task of readdirSync(`/proc/${pid}/task`))
      ns += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0] ?? 0)
  } catch {
    return 0
  }
  return ns / 1000
}

/** The parent of a process. */
export const parentOf = (pid: number | string): number =>
  Number(
    read(`/proc/${pid}/stat`)
      .replace(/^.*\) /, '')
      .split(' ')[1] ?? 0,
  )

/** The same of a process and of its children that live. */
export function processorTimeOfTree(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
  return [pid, ...children.map(Number)].reduce((sum, one) => sum + processorTime(one), 0)
}

/** Processes that live and descend from one, with itself. */
export function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name)
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const below = (one: number): number[] => [one, ...(children.get(one) ?? []).flatMap(below)]
  return below(pid)
}

/** The most that a process ever had resident, in megabytes. */
export const mostMemory = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024

/** Resident memory of a process, in megabytes. */
export const residentMemory = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024
