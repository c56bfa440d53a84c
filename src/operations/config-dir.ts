// A folder of .env and .json files as the configuration (`--config-dir`), and what tells that it has changed.
import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../config/load.ts'
import { holdsVariables, readVariables } from '../config/variables-file.ts'
import type { Logger } from '../log.ts'
import { systemCode } from '../system-code.ts'

/**
 * Variables of the folder's `*.env` and `*.json` files in the order of their names; later ones win, and of two that differ
 * in this end alone the JSON is read.
 * @throws Error that names the folder or the file that cannot be read
 */
export async function readConfigDir(folder: string): Promise<Environment> {
  const variables: Environment = {}
  for (const { name, text } of await readFiles(folder)) Object.assign(variables, readVariables(name, text))
  return variables
}

async function readFiles(folder: string): Promise<{ name: string; text: string }[]> {
  const unreadable = (path: string) => (error: unknown) => {
    const is_missing = systemCode(error) === 'ENOENT'
    throw new Error(`--config-dir ${path} ${is_missing ? 'does not exist' : 'cannot be read'}`, { cause: error })
  }
  const there = new Set((await readdir(folder).catch(unreadable(folder))).filter(holdsVariables))
  const names = [...there]
    .filter((name) => !there.has(name.replace(/\.env$/, '.json')) || name.endsWith('.json'))
    .sort()
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return { name, text: await readFile(path, 'utf8').catch(unreadable(path)) }
    }),
  )
}

/** What is watched, and how. */
export interface WatchOptions {
  folder: string
  /** Whether the file system is asked to tell. */
  notifies: boolean
  /** Milliseconds between two looks, 0 for none. */
  poll_ms: number
  log: Logger
}

/** Calls `changed` after each change from its return on, maybe several times for one; returns what ends the watch. */
export async function watchConfigDir(
  { folder, notifies, poll_ms, log }: WatchOptions,
  changed: () => void,
): Promise<() => void> {
  const watcher = notifies ? watch(folder, { persistent: false }, changed) : null
  watcher?.on('error', (error) => log.warn({ err: error, folder }, 'changes of the folder are not told any more'))
  let known: string | undefined
  const look = async (): Promise<void> => {
    try {
      const hash = createHash('sha256')
      for (const { name, text } of await readFiles(folder)) hash.update(JSON.stringify([name, text]))
      const seen = hash.digest('base64')
      if (known !== undefined && known !== seen) changed()
      known = seen
    } catch (error) {
      log.warn({ err: error, folder }, 'the folder of the configuration cannot be read')
    }
  }
  if (poll_ms > 0) await look()
  const timer = poll_ms > 0 ? setInterval(() => void look(), poll_ms).unref() : undefined
  return () => {
    watcher?.close()
    clearInterval(timer)
  }
}
