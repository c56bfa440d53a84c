// postern init: writes a first .env, with secrets of its own.
import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { systemCode } from '../system-code.ts'
import { sampleEnv } from './sample-env.ts'

/** What is known of the server to be. */
export interface InitOptions {
  file: string
  database_url: string
  api_external_url: string
  site_url: string
}

/** Writes the file for its owner alone (0600); one that is there already stays as it is, with exit code 1. */
export async function init({ file, ...addresses }: InitOptions): Promise<number> {
  const secret = () => randomBytes(36).toString('base64url')
  const text = sampleEnv({ ...addresses, jwt_secret: secret(), server_key: secret() })
  const target = await open(file, 'wx', 0o600).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') return null
    throw error
  })
  if (!target) {
    console.error(`postern: ${file} is there already and stays as it is; name another file, or move it away`)
    return 1
  }
  try {
    await target.writeFile(text)
    await target.sync()
  } finally {
    await target.close()
  }
  console.log(`Wrote ${file}. Look through it, then: postern doctor --config ${file}`)
  return 0
}
