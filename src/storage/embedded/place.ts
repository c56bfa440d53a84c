// Where the embedded database lies and which user runs it: in the folder itself, or outside of it when we are root.
import { randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, type Stats, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Account } from './process.ts'

/** Where root keeps databases and copies of programs. */
const root_folder = '/var/lib/postern'

/** Folder, user and copies of an embedded database. */
export interface Place {
  /** Holds the data folder and the log. */
  folder: string
  account: Account
  /** Where copies of the programs go. */
  copies: string
  /** Whether the programs must be copied, since the user can't enter the checkout. */
  must_copy: boolean
}

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

/**
 * Chooses the place for the state folder, and makes it.
 * PostgreSQL refuses to run as root: then its processes run as an unprivileged user, who needs a folder to reach.
 * @throws Error when a folder of root's belongs to somebody else
 */
export function preparePlace(state_dir: string): Place {
  const local = join(state_dir, 'postgres')
  if (process.getuid?.() !== 0) {
    mkdirSync(local, { recursive: true, mode: 0o700 })
    return { folder: local, account: { home: local }, copies: state_dir, must_copy: false }
  }
  makeRootFolder(root_folder)
  if (statOf(local)?.isDirectory()) {
    throw new Error(`${local} was made by another user than root: start as that user, or remove it for a new database`)
  }
  const folder = linkedFolder(local) ?? newFolder(local)
  return { folder, account: { ...unprivilegedUser(), home: folder }, copies: root_folder, must_copy: true }
}

/** The folder that holds the database of a state folder, if it has one; nothing is made. */
export function placeOf(state_dir: string): string | undefined {
  const local = join(state_dir, 'postgres')
  const found = statOf(local)
  return found?.isSymbolicLink() ? linkedFolder(local) : found && local
}

/** The folder that an earlier start has linked to; a link that came with a checkout must not lead root elsewhere. */
function linkedFolder(link: string): string | undefined {
  if (!statOf(link)) return undefined
  const folder = readlinkSync(link)
  if (dirname(folder) !== root_folder || !/^[0-9a-f]{32}$/.test(basename(folder))) {
    throw new Error(`${link} must point to a folder in ${root_folder}; remove it to start with a new database`)
  }
  if (!statOf(folder)) {
    rmSync(link)
    return undefined
  }
  assertRootOwned(folder)
  return folder
}

function newFolder(link: string): string {
  const folder = join(root_folder, randomBytes(16).toString('hex'))
  mkdirSync(folder, { mode: 0o755 })
  chmodSync(folder, 0o755)
  symlinkSync(folder, link)
  return folder
}

function makeRootFolder(folder: string): void {
  if (!statOf(folder)) {
    if (folder !== '/') makeRootFolder(dirname(folder))
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    chmodSync(folder, 0o755)
  }
  for (let path = folder; ; path = dirname(path)) {
    assertRootOwned(path)
    if (path === '/') return
  }
}

function assertRootOwned(path: string): void {
  const found = statOf(path)
  // Whoever could write here could put other programs in the place of ours.
  if (found?.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return
  throw new Error(`${path} must be a folder that root owns and nobody else can write to`)
}

/** `nobody`, or another user without privileges that this machine has. */
function unprivilegedUser(): { uid: number; gid: number } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0)
  const user = users.find(({ name }) => name === 'nobody') ?? users.at(-1)
  if (!user) throw new Error('This machine has no user but root, and PostgreSQL refuses to run as root')
  return { uid: user.uid, gid: user.gid }
}
