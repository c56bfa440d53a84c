// The composition root: the only file that sees every room.

import { randomBytes, randomUUID } from 'node:crypto'
import { columnCipherSettings, keySettings, serverKey } from './config/key-settings.ts'
import type { Config } from './config/keys.ts'
import type { Deps } from './context.ts'
import { deriveKey } from './crypto/aes-gcm.ts'
import { createColumnCipher } from './crypto/column-cipher.ts'
import { loadKeys } from './crypto/keys.ts'
import { createKmsSigner } from './crypto/kms-signer.ts'
import { createPasswordHasher } from './crypto/password-hash.ts'
import { createProofThread } from './crypto/proof-thread.ts'
import { createServerSealer } from './crypto/server-sealer.ts'
import { createDelivery } from './delivery/delivery.ts'
import { resolveMx } from './delivery/resolve-mx.ts'
import { createSmsSender } from './delivery/sms.ts'
import { createImportJobs } from './flows/import/import-jobs.ts'
import { createLogoutSender } from './flows/oauth-server/logout-sender.ts'
import { createActivity } from './flows/steps/records/activity.ts'
import { createHooks } from './hooks/hooks.ts'
import { createApp } from './http/app.ts'
import type { Connection } from './http/create-context.ts'
import { pageRoutes } from './http/page-routes.ts'
import type { Route } from './http/route.ts'
import { routes } from './http/routes.ts'
import type { LimitStore } from './limits/limit-store.ts'
import { createLimits } from './limits/limits.ts'
import { createStore } from './limits/store.ts'
import type { Logger } from './log.ts'
import { type Meter, noMeter, type Readings } from './meter.ts'
import { createPages, type PagesFetch } from './pages/pages.ts'
import { mailTextsIn } from './pages/words/words.ts'
import { createProviders } from './providers/providers.ts'
import { createRefreshOnce } from './providers/saml/refresh-once.ts'
import { createSamlThread } from './providers/saml/saml-thread.ts'
import { createServiceProvider } from './providers/saml/service-provider.ts'
import { callFunction } from './storage/call-function.ts'
import type { Db } from './storage/db.ts'
import { announceInstance, forgetInstance } from './storage/instances.ts'
import { migrate } from './storage/migrate.ts'
import * as outbox from './storage/outbox.ts'
import { deleteOldLimits, takeFromLimit } from './storage/rate-limits.ts'
import { createSweeper } from './storage/sweeper.ts'
import { createWorkBeside } from './work-beside.ts'

/** What the workers of one machine share; other machines see them as one server. */
export interface Machine {
  /** By which the database tells this machine from others. */
  id: string
  /** Counts limits for all workers of the machine. */
  limits: LimitStore
  /** Whether this process looks for mails of others and sweeps tables at present; one of the machine does. */
  keeps(): boolean
}

/** What a server is made of; everything but the configuration, database and log has a default. */
export interface Parts {
  config: Config
  db: Db
  log: Logger
  /** How the configuration was given, for the console. */
  loaded?: Deps['settings']
  fetch?: typeof globalThis.fetch
  /** The same for addresses that administrators and applications choose; `fetch` by default. */
  fetch_chosen?: typeof globalThis.fetch
  now?: () => number
  random?: (size: number) => Buffer
  /** Cost of bcrypt, 10 by default; less is for tests that make many accounts. */
  hash_cost?: number
  /** Measures what is seen from outside; nothing by default. */
  meter?: Meter
  /** What this process shares with other workers of its machine. */
  machine?: Machine
  /** Endpoints beside those of the route table. */
  more_routes?: readonly Route[]
}

/** A server without a socket. */
export interface Auth {
  fetch(request: Request, connection?: Partial<Connection>): Promise<Response>
  /** Brings the schemas up to date. */
  migrate(): Promise<void>
  /** Resolves when no mail that is due waits any more. */
  idle(): Promise<void>
  /** Lets running work finish and closes what the server opened; the database stays the caller's. */
  close(): Promise<void>
}

/** Wires the rooms together. */
export function composeAuth(parts: Parts): Auth {
  const { config, db, log } = parts
  const now = parts.now ?? Date.now
  const fetch = parts.fetch ?? globalThis.fetch
  const { machine, meter = noMeter } = parts
  const instance = machine?.id ?? randomUUID()
  const keeps = machine?.keeps ?? (() => true)
  const limits = createLimits({
    config,
    log,
    meter,
    store: createStore({
      config,
      log,
      now,
      takeInDatabase: (key, limit) => takeFromLimit(db, key, limit),
      forgetInDatabase: () => deleteOldLimits(db),
      announce: () => announceInstance(db, instance),
      // Other workers of the machine may stay.
      leave: () => (machine ? Promise.resolve() : forgetInstance(db, instance)),
      ...(machine && { alone: machine.limits }),
    }),
  })
  const random = parts.random ?? randomBytes
  const sealer = createServerSealer(serverKey(config))
  const delivery = createDelivery({
    config,
    db,
    outbox,
    sealer,
    mail_texts: mailTextsIn,
    fetch,
    log,
    now,
    meter,
    keeps,
  })
  const proof_thread = createProofThread()
  const hasWallets = config.external_web3_ethereum_enabled || config.external_web3_solana_enabled
  if (config.passkey_enabled || config.mfa_web_authn_verify_enabled || hasWallets) proof_thread.prepare()
  const service_provider = createServiceProvider(config)
  const saml = createSamlThread(service_provider?.decryption_keys ?? [])
  if (service_provider) saml.prepare()
  const activity = createActivity({ db, log, now, meter })
  const column_cipher = named('GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS', () =>
    createColumnCipher(columnCipherSettings(config)),
  )
  const imports = createImportJobs({ config, db, column_cipher, log })
  const deps: Deps = {
    service_provider,
    saml,
    saml_refresh: createRefreshOnce(now),
    activity,
    beside: createWorkBeside(),
    imports,
    settings: parts.loaded ?? { warnings: [], set_names: new Map(), inNamesOf: (sentence) => sentence },
    proof_thread,
    config,
    db,
    log,
    now,
    fetch,
    limits,
    meter,
    delivery,
    sender: createSmsSender({ config, template_key: 'sms_template', fetch }),
    factor_sender: createSmsSender({ config, template_key: 'mfa_phone_template', fetch }),
    random,
    providers: createProviders({ config, fetch, fetch_chosen: parts.fetch_chosen ?? fetch, now, random }),
    resolve_mx: resolveMx,
    keys: named('GOTRUE_JWT_KEYS', () => loadKeys({ ...keySettings(config), kms: createKmsSigner(fetch) })),
    hasher: createPasswordHasher({
      concurrency: config.hash_concurrency,
      meter,
      ...(parts.hash_cost !== undefined && { cost: parts.hash_cost }),
    }),
    sealer,
    column_cipher,
    hooks: createHooks({ config, fetch, log, now, callFunction, meter }),
  }
  const unwatch = meter.watch(() => readings(deps, keeps))
  const logouts = createLogoutSender(deps)
  const sweep = createSweeper({ config, db, log, meter, keeps })
  const afterWrite = () => {
    sweep()
    logouts.kick()
  }
  const answer = createApp(deps, [...routes, ...(parts.more_routes ?? [])], afterWrite)
  const pages = config.pages ? createPagesOf(deps, afterWrite) : null
  const warnings = { address: false }
  return {
    async fetch(request, connection = {}) {
      if (connection.client_address === undefined && !warnings.address) {
        warnings.address = true
        log.warn({}, 'requests come without a client address: all callers share one rate limit')
      }
      const known = { client_address: connection.client_address ?? '' }
      // Without pages no request waits for them.
      return (pages === null ? null : await pages(request, known)) ?? answer(request, known)
    },
    migrate: () => migrate(db, { namespace: config.db_namespace, log }),
    async idle() {
      await deps.beside.idle()
      await delivery.idle()
      await logouts.idle()
    },
    async close() {
      unwatch()
      await deps.beside.idle()
      await imports.stop()
      await logouts.stop()
      await delivery.stop()
      await activity.stop()
      await limits.close()
      await Promise.all([proof_thread.close(), saml.close(), deps.hasher.close()])
    },
  }
}

/** The pages, and the API as they ask it: with rows that nobody else reaches. */
function createPagesOf(deps: Deps, afterWrite: () => void): PagesFetch {
  const { config, log, sealer } = deps
  const ask = createApp(deps, [...routes, ...pageRoutes], afterWrite)
  const form_key = deriveKey(Buffer.from(serverKey(config)), 'postern forms v1')
  return createPages({ config, log, sealer, ask, form_key })
}

/** Says which variable is to blame when what it holds cannot be used. */
function named<T>(variable: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new Error(`${variable}: ${error instanceof Error ? error.message : 'the value cannot be used'}`)
  }
}

/** What gauges say at present; the outbox is told of by one process of a machine. */
async function readings({ hasher, db }: Deps, keeps: Machine['keeps']): Promise<Readings> {
  const hashes = hasher.state()
  const pool = db.state?.()
  const mails = keeps() ? await outbox.summarizeOutbox(db) : null
  return {
    running: 1,
    hashes_waiting: hashes.waiting,
    hashes_running: hashes.running,
    ...(pool && { connections: pool.open, connections_busy: pool.busy, connection_waits: pool.waiting }),
    ...(mails && { outbox_waiting: mails.waiting, outbox_age: mails.oldest_s }),
  }
}
