// What a development server leaves in its state folder, so that commands in that folder use what it uses.
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, startOf } from '../storage/embedded/process.ts'
import { systemCode } from '../system-code.ts'

/** A server of `postern dev`: the variables that it runs or ran with, and whether it is there. */
export interface KeptServer {
  variables: Record<string, string>
  /** Whether its database is the one in the state folder. */
  has_own_database: boolean
  is_running: boolean
}

interface Written extends Omit<KeptServer, 'is_running'> {
  pid: number
  /** When the process started, since process ids come again. */
  start: string
}

/** Of everything in the environment, what configures a server. */
const ours = /^(GOTRUE_.*|POSTERN_.*|API_EXTERNAL_URL|DATABASE_URL|DB_NAMESPACE|PORT)$/

const fileOf = (state_dir: string): string => join(state_dir, 'server.json')

/** Writes down what this process serves with; the file is 0600, since there are secrets in it. */
export async function keepServer(
  state_dir: string,
  { env, has_own_database }: { env: Record<string, string | undefined>; has_own_database: boolean },
): Promise<void> {
  const variables = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (ours.test(name) && value ? [[name, value]] : [])),
  )
  const written: Written = { pid: process.pid, start: startOf(process.pid), has_own_database, variables }
  const draft = `${fileOf(state_dir)}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(written, null, 2)}\n`)
  } finally {
    await file.close()
  }
  await rename(draft, fileOf(state_dir))
}

/** The server of a state folder; null where none was started. */
export function readKeptServer(state_dir: string): KeptServer | null {
  try {
    const { pid, start, ...server }: Written = JSON.parse(readFileSync(fileOf(state_dir), 'utf8'))
    return { ...server, is_running: isAlive(pid) && startOf(pid) === start }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw new Error(`${fileOf(state_dir)} cannot be read; delete it, and start postern dev again`, { cause: error })
  }
}
