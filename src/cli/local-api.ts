// The server's own API without a socket, for commands that work on the database directly.
import { composeAuth } from '../auth.ts'
import { columnCipherSettings, keySettings } from '../config/key-settings.ts'
import type { Config } from '../config/keys.ts'
import { type ColumnCipher, createColumnCipher } from '../crypto/column-cipher.ts'
import { signJwt } from '../crypto/jwt.ts'
import { type KeyRing, loadKeys } from '../crypto/keys.ts'
import { createKmsSigner } from '../crypto/kms-signer.ts'
import { withDatabaseExplained } from '../flows/doctor/database-problem.ts'
import { operatorRoutes } from '../http/operator-routes.ts'
import type { Logger } from '../log.ts'
import type { Db } from '../storage/db.ts'
import { isMigrated, migrate } from '../storage/migrate.ts'
import { openDatabase, openDatabaseToRead } from '../storage/open-database.ts'
import { devFolder, openDevFolder } from './dev-folder.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import { operatorName } from './operator-name.ts'
import { Refused } from './refused.ts'

/** The API as an administrator sees it. */
export interface LocalApi {
  config: Config
  keys: KeyRing
  db: Db
  /** Whether the database lacks what the migrations of today make; told already. */
  needs_migration: boolean
  /** Encryption of secrets at rest. */
  column_cipher: ColumnCipher
  /** @throws Refused with the message and code of the answer */
  call(method: string, path: string, body?: object): Promise<unknown>
  /** The same for what only the shell has; no server that runs is asked. */
  callHere(method: string, path: string, body?: object): Promise<unknown>
  /** The same for a list, with how much of it there is. */
  list(path: string): Promise<{ answer: unknown; total: number }>
  close(): Promise<void>
}

type Send = (request: Request) => Promise<Response>

/** Where the configuration comes from. */
export interface LocalOptions {
  config: string[]
  state: string | undefined
  /** For tables that grow while the command runs: each statement is planned anew, and may take its time. */
  bulk?: boolean
  /** For commands that only look: nothing is written, and no migration applied. */
  reads?: boolean
}

/** Opens the database of the environment, or that of `postern dev` in this folder; null after problems were printed. */
export async function openLocalApi({
  config: files,
  state,
  bulk = false,
  reads = false,
}: LocalOptions): Promise<LocalApi | null> {
  const given = await readEnvironment({ config: files })
  const dev = await openDevFolder(given, state)
  const loaded = loadOrExplain(dev?.env ?? given)
  if (!loaded) {
    if (!dev && files.length === 0)
      console.error(
        `The configuration is that of the environment, of a file (--config FILE), or of postern dev: ${devFolder(given, state)} is no folder of it; --state DIR or POSTERN_STATE_DIR names another.`,
      )
    await dev?.stop()
    return null
  }
  const config = bulk
    ? { ...loaded.config, ...(!reads && { db_prepare: false }), api_max_request_duration: 0 }
    : loaded.config
  const db = reads ? openDatabaseToRead(config) : openDatabase(config)
  const log: Logger = { debug() {}, info() {}, warn() {}, error: (fields) => console.error(reasonOf(fields)) }
  const auth = composeAuth({ config, db, log, loaded, more_routes: operatorRoutes })
  const keys = loadKeys({ ...keySettings(config), kms: createKmsSigner(globalThis.fetch) })
  // A server that runs is asked itself: its mails go to its inbox, and its limits and templates are its own.
  const origin = dev?.is_running ? `http://${config.api_host}:${config.api_port}` : 'http://postern.invalid'
  const sendHere: Send = (request) => auth.fetch(request, { client_address: '' })
  const send: Send = dev?.is_running ? (request) => fetch(request) : sendHere
  const close = async () => {
    // What a server that runs has to send is its own, and whoever only reads has nothing.
    if (!reads && !dev?.is_running) await auth.idle()
    await auth.close()
    await db.close()
    await dev?.stop()
  }
  let needs_migration = false
  try {
    await withDatabaseExplained(loaded, async () => {
      if (reads) needs_migration = !(await isMigrated(db, config.db_namespace))
      else await migrate(db, { namespace: config.db_namespace })
    })
  } catch (error) {
    // What cannot be reached cannot be left in order either; the first reason counts.
    await close().catch(() => {})
    throw error
  }
  const ask = async (by: Send, method: string, path: string, body?: object) => {
    const iat = Math.floor(Date.now() / 1000)
    const role = config.jwt_admin_roles[0] ?? 'service_role'
    const token = await signJwt({ role, iat, exp: iat + 60, act: { sub: operatorName() } }, keys.signing)
    const request = new Request(`${origin}${config.base_path.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const response = await by(request)
    const text = await response.text()
    const answer: unknown = text === '' ? {} : JSON.parse(text)
    if (response.ok) return { answer, headers: response.headers }
    const { msg, error_code } = Object(answer)
    throw new Refused(`${msg ?? `status ${response.status}`}${error_code ? ` (${error_code})` : ''}`)
  }
  if (needs_migration)
    console.error(
      'The database needs a migration: postern migrate --dry-run says what would be done, postern migrate does it.',
    )
  return {
    config,
    needs_migration,
    keys,
    db,
    column_cipher: createColumnCipher(columnCipherSettings(config)),
    close,
    async call(method, path, body) {
      return (await ask(send, method, path, body)).answer
    },
    async callHere(method, path, body) {
      return (await ask(sendHere, method, path, body)).answer
    },
    async list(path) {
      const { answer, headers } = await ask(send, 'GET', path)
      return { answer, total: Number(headers.get('x-total-count')) }
    },
  }
}

const reasonOf = (fields: object): string => {
  const error: unknown = Reflect.get(fields, 'err')
  return `postern: ${error instanceof Error ? error.message : JSON.stringify(fields)}`
}
