// The files of an embedded database: its data folder, and what is kept beside it for the next start.
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { runProgram } from './process.ts'

/** What the next start needs to know. */
export interface Kept {
  port: number
  superuser_password: string
  auth_password: string
}

/** Reads the port and the passwords of a database, or makes and keeps them before there is one. */
export function readKept(file: string, data: string): Kept {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Kept
  if (existsSync(data)) throw new Error(`${file} with the passwords of the database in ${data} is missing`)
  const secret = () => randomBytes(24).toString('hex')
  const kept = { port: 0, superuser_password: secret(), auth_password: secret() }
  writeFileSync(file, JSON.stringify(kept), { mode: 0o600 })
  return kept
}

/** Makes the files by way of another name, so that a data folder with the right name is complete. */
export async function createData(
  initdb: string,
  { place, data, password, durable }: { place: Place; data: string; password: string; durable: boolean },
): Promise<void> {
  const { account, folder } = place
  const draft = `${data}.new`
  const password_file = join(folder, 'password')
  const own = (path: string) => account.uid !== undefined && chownSync(path, account.uid, account.gid ?? account.uid)
  for (const path of [draft, password_file]) rmSync(path, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  writeFileSync(password_file, password, { mode: 0o600, flag: 'wx' })
  own(draft)
  own(password_file)
  // The collation of PostgreSQL itself: whatever locales the machine has, and however the C library changes.
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${password_file}`]
  try {
    await runProgram(initdb, ['-D', draft, ...locale, ...access, ...(durable ? [] : ['--no-sync'])], account)
  } finally {
    rmSync(password_file, { force: true })
  }
  renameSync(draft, data)
}
