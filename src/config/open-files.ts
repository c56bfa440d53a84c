// How many files and sockets this process may have open, and how many connections of clients that leaves room for.
import { readFileSync } from 'node:fs'

/** Connections that clients get at most where the machine would allow more: each takes some memory, about 20 KB. */
const most_connections = 20_000
/** Files that a server needs beside its clients: database, mail, other servers, templates. */
const own_files = 256

/** Files that a process may have open (`ulimit -Hn`, to which Node raises the limit); Infinity where nothing says so. */
export function openFileLimit(): number {
  try {
    const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Connections that clients may have to one process: what is asked for, or else what fits, a quarter of all files kept back at most. */
export function connectionBound(asked: number, files: number): number {
  const fits = Math.max(1, files - Math.min(own_files, Math.ceil(files / 4)))
  return Math.min(asked > 0 ? asked : most_connections, fits)
}
