// Puts a variable into a .env file: whatever form the file has is kept, and what was there lies in a backup.
import { randomUUID } from 'node:crypto'
import { chown, lstat, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { readEnvFile, setInEnvFile } from '../../config/env-file.ts'
import { systemCode } from '../../system-code.ts'

/** The text of a file; null when there is none. */
export async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null
    throw new Error(`${file} cannot be read`, { cause: error })
  })
}

/**
 * Replaces the value of a variable, or adds it; others never see half a file. Links are followed and stay; the file stays its
 * owner's, and unreadable for others.
 * @returns where the backup lies; null when there was no file
 * @throws Error when the file could not be read back as meant
 */
export async function writeVariable(file: string, name: string, value: string): Promise<string | null> {
  const before = await readIfThere(file)
  const after = setInEnvFile(before ?? '', name, value)
  if (readEnvFile(after)[name] !== value) throw new Error(`${file} has a form in which ${name} cannot be replaced`)
  if (before === null) {
    await writeFile(file, after, { mode: 0o600, flag: 'wx' })
    return null
  }
  const target = await realpath(file)
  const { mode, uid, gid, nlink } = await lstat(target)
  const own = { mode: (mode & 0o004) === 0 ? mode & 0o660 : 0o600, uid, gid }
  const backup = `${target}.${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomUUID().slice(0, 4)}.bak`
  await writeNew(backup, before, own)
  if (nlink > 1) {
    // A file of several names would lose the others if it were replaced.
    await writeFile(target, after)
    return backup
  }
  const draft = `${target}.${randomUUID()}`
  try {
    await writeNew(draft, after, own)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  return backup
}

async function writeNew(path: string, text: string, own: { mode: number; uid: number; gid: number }): Promise<void> {
  const file = await open(path, 'wx', own.mode)
  try {
    await file.writeFile(text)
    await file.chmod(own.mode)
    await file.sync()
  } finally {
    await file.close()
  }
  // Only root may give a file away; somebody else's own file is theirs already.
  if (process.getuid?.() === 0) await chown(path, own.uid, own.gid)
}
