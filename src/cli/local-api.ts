// The server's own API without a socket, for commands that work on the database directly.

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { composeAuth } from '../auth.ts'
import { keySettings, secretBoxSettings } from '../config/key-settings.ts'
import type { Config } from '../config/keys.ts'
import { signJwt } from '../crypto/jwt.ts'
import { type KeyRing, loadKeys } from '../crypto/keys.ts'
import { createSecretBox, type SecretBox } from '../crypto/secret-box.ts'
import { readDevSecrets } from '../dev/secrets.ts'
import type { Logger } from '../log.ts'
import type { Db } from '../storage/db.ts'
import { startEmbeddedPostgres } from '../storage/embedded.ts'
import { migrate } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { openPostgres } from '../storage/postgres.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'

/** What a request of an administrator was refused with. */
export class Refused extends Error {}

/** The API as an administrator sees it. */
export interface LocalApi {
  config: Config
  keys: KeyRing
  db: Db
  /** Encryption of secrets at rest. */
  secret_box: SecretBox
  /** @throws Refused with the message and code of the answer */
  call(method: string, path: string, body?: object): Promise<unknown>
  /** The same for a list, with how much of it there is. */
  list(path: string): Promise<{ answer: unknown; total: number }>
  close(): Promise<void>
}

/** Where the configuration comes from. */
export interface LocalOptions {
  config: string[]
  state: string | undefined
  /** For tables that grow while the command runs: each statement is planned anew, and may take its time. */
  bulk?: boolean
}

/** Opens the database of the environment, or that of `postern dev` in this folder; null after problems were printed. */
export async function openLocalApi({ config: files, state, bulk = false }: LocalOptions): Promise<LocalApi | null> {
  const given = await readEnvironment({ config: files })
  const dev = await devEnvironment(given, state)
  const loaded = loadOrExplain({ ...dev.env, ...given })
  if (!loaded) {
    await dev.stop()
    return null
  }
  const config = bulk ? { ...loaded.config, db_prepare: false, api_max_request_duration: 0 } : loaded.config
  const db = openDatabase(config)
  const log: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => console.error(reasonOf(fields)) }
  const auth = composeAuth({ config, db, log })
  const keys = loadKeys(keySettings(config))
  const close = async () => {
    await auth.idle()
    await auth.close()
    await db.close()
    await dev.stop()
  }
  try {
    await migrate(db, { namespace: config.db_namespace })
  } catch (error) {
    await close()
    throw error
  }
  const ask = async (method: string, path: string, body?: object) => {
    const iat = Math.floor(Date.now() / 1000)
    const token = signJwt({ role: config.jwt_admin_roles[0] ?? 'service_role', iat, exp: iat + 60 }, keys.signing)
    const request = new Request(`http://postern.invalid${config.base_path.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const response = await auth.fetch(request, { client_address: '' })
    const text = await response.text()
    const answer: unknown = text === '' ? {} : JSON.parse(text)
    if (response.ok) return { answer, headers: response.headers }
    const { msg, error_code } = Object(answer)
    throw new Refused(`${msg ?? `status ${response.status}`}${error_code ? ` (${error_code})` : ''}`)
  }
  return {
    config,
    keys,
    db,
    secret_box: createSecretBox(secretBoxSettings(config)),
    close,
    async call(method, path, body) {
      return (await ask(method, path, body)).answer
    },
    async list(path) {
      const { answer, headers } = await ask('GET', path)
      return { answer, total: Number(headers.get('x-total-count')) }
    },
  }
}

const reasonOf = (fields: object): string => {
  const error: unknown = Reflect.get(fields, 'err')
  return `postern: ${error instanceof Error ? error.message : JSON.stringify(fields)}`
}

/** What `postern dev` would run with, where no database is named and its state folder is there. */
async function devEnvironment(given: Record<string, string | undefined>, state: string | undefined) {
  const nothing = { env: {} as Record<string, string>, stop: async () => {} }
  const names = ['DATABASE_URL', 'GOTRUE_DB_DATABASE_URL', 'POSTERN_DB_DRIVER']
  const state_dir = resolve(state ?? given.POSTERN_STATE_DIR ?? '.postern')
  const kept = join(state_dir, 'postgres.json')
  if (names.some((name) => given[name]) || !existsSync(kept)) return nothing
  const { jwt_secret, server_key } = await readDevSecrets(state_dir)
  const { port, auth_password } = JSON.parse(readFileSync(kept, 'utf8'))
  const running = `postgres://supabase_auth_admin:${auth_password}@127.0.0.1:${port}/postgres?sslmode=disable`
  const started = (await answers(running)) ? null : await startEmbeddedPostgres({ state_dir, log: () => {} })
  const env = {
    DATABASE_URL: started?.url ?? running,
    GOTRUE_JWT_SECRET: jwt_secret,
    POSTERN_SERVER_KEY: server_key,
    API_EXTERNAL_URL: 'http://127.0.0.1:54321/auth/v1',
    GOTRUE_SITE_URL: 'http://localhost:3000',
    GOTRUE_URI_ALLOW_LIST: 'http://localhost:*/**,http://127.0.0.1:*/**',
    GOTRUE_JWT_AUD: 'authenticated',
    GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  }
  return { env, stop: async () => started?.stop() }
}

async function answers(url: string): Promise<boolean> {
  const db = openPostgres({ url, namespace: 'auth', max: 1, connect_timeout_ms: 2000, wait_ms: 2000 })
  return db
    .query('select 1')
    .then(
      () => true,
      () => false,
    )
    .finally(() => db.close(0))
}
