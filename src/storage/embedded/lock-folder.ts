// Keeps a second process out of a folder, and lets the next one in after a kill.
import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../system-code.ts'
import { isAlive, startOf } from './process.ts'

interface Holder {
  pid: number
  /** When the process started, since process ids come again. */
  start: string
  id: string
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

const runs = (holder: Holder): boolean => isAlive(holder.pid) && startOf(holder.pid) === holder.start

/**
 * Takes the lock of a folder for this process.
 * @returns what gives it back
 * @throws Error that names the process which has it
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const file = join(folder, 'lock')
  const own: Holder = { pid: process.pid, start: startOf(process.pid), id: randomUUID() }
  const isOwn = () => readHolder(file)?.id === own.id
  try {
    writeFileSync(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
    const holder = readHolder(file)
    if (holder && runs(holder)) throw inUse(folder, holder.pid)
    writeFileSync(`${file}.${own.id}`, JSON.stringify(own), { mode: 0o600 })
    renameSync(`${file}.${own.id}`, file)
    // Of several that find the same dead holder the last to write has the lock.
    await new Promise((resolve) => setTimeout(resolve, 50))
    if (!isOwn()) throw inUse(folder, readHolder(file)?.pid ?? 0)
  }
  return () => {
    if (isOwn()) rmSync(file, { force: true })
  }
}

const inUse = (folder: string, pid: number): Error =>
  new Error(`the folder ${folder} is in use by process ${pid}: stop that process, or choose another folder`)
