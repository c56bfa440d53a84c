// Secrets of `postern dev`: made once, kept in the state folder, readable by their owner only.
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../system-code.ts'

/** Secrets of a development server. */
export interface DevSecrets {
  jwt_secret: string
  server_key: string
}

/** Reads the secrets of a state folder, or makes them; the folder is 0700, the file 0600. */
export async function readDevSecrets(state_dir: string): Promise<DevSecrets> {
  await mkdir(state_dir, { recursive: true, mode: 0o700 })
  const path = join(state_dir, 'secrets.json')
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT')
      throw new Error(`${path} cannot be read; delete it to make new secrets`, { cause: error })
  }
  const secrets = {
    jwt_secret: randomBytes(32).toString('base64url'),
    server_key: randomBytes(32).toString('base64url'),
  }
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return secrets
}
