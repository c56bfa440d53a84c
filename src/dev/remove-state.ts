// Begins anew: removes what `postern dev` has made in a state folder, and nothing else.
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeEmbeddedPostgres } from '../storage/embedded/start-embedded-postgres.ts'

const own = ['secrets.json', 'server.json', 'lock']

/**
 * Removes database, accounts, secrets and keys of a state folder; the folder itself goes too once it is empty.
 * @returns whether there was anything
 * @throws Error when a server still uses the folder
 */
export async function removeState(state_dir: string): Promise<boolean> {
  if (!['secrets.json', 'postgres.json', 'postgres'].some((name) => existsSync(join(state_dir, name)))) return false
  await removeEmbeddedPostgres(state_dir)
  const programs = readdirSync(state_dir).filter((name) => /^postgresql-\d/.test(name))
  for (const name of [...own, ...programs]) rmSync(join(state_dir, name), { recursive: true, force: true })
  if (readdirSync(state_dir).length === 0) rmdirSync(state_dir)
  return true
}
