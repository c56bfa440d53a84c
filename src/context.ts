// What a flow may use: Deps live as long as the process, Ctx as long as one request.
import type { Config } from './config/keys.ts'
import type { Loaded } from './config/load.ts'
import type { ColumnCipher } from './crypto/column-cipher.ts'
import type { Claims } from './crypto/jwt.ts'
import type { KeyRing } from './crypto/keys.ts'
import type { PasswordHasher } from './crypto/password-hash.ts'
import type { ProofThread } from './crypto/proof-thread.ts'
import type { ServerSealer } from './crypto/server-sealer.ts'
import type { Delivery } from './delivery/delivery.ts'
import type { SmsSender } from './delivery/sms.ts'
import type { ImportJobs } from './flows/import/import-jobs.ts'
import type { Activity } from './flows/steps/records/activity.ts'
import type { Hooks } from './hooks/hooks.ts'
import type { Client } from './limits/client-address.ts'
import type { Limits } from './limits/limits.ts'
import type { Logger } from './log.ts'
import type { Meter } from './meter.ts'
import type { Providers } from './providers/providers.ts'
import type { RefreshOnce } from './providers/saml/refresh-once.ts'
import type { SamlThread } from './providers/saml/saml-thread.ts'
import type { ServiceProvider } from './providers/saml/service-provider.ts'
import type { Db } from './storage/db.ts'
import type { Factor } from './storage/factors.ts'
import type { OAuthClient } from './storage/oauth-clients.ts'
import type { ScimScope } from './storage/scim-tokens.ts'
import type { Session } from './storage/sessions.ts'
import type { SsoProvider } from './storage/sso-providers.ts'
import type { User } from './storage/users.ts'
import type { WorkBeside } from './work-beside.ts'

/** One a process; tests set `now`, `random` and `fetch`. */
export interface Deps {
  config: Config
  db: Db
  keys: KeyRing
  hasher: PasswordHasher
  /** Encryption of secrets in columns of schema `auth` (GOTRUE_SECURITY_DB_ENCRYPTION_…). */
  column_cipher: ColumnCipher
  /** Seals what tables of Postern keep secret, under a key of the server. */
  sealer: ServerSealer
  delivery: Delivery
  /** The configured sender of text messages, or null. */
  sender: SmsSender | null
  /** The same with the text of second factors. */
  factor_sender: SmsSender | null
  hooks: Hooks
  /** Checks what passkeys and security keys sign. */
  proof_thread: ProofThread
  limits: Limits
  /** Measures what is seen from outside. */
  meter: Meter
  /** External sign-in, with the documents and keys of issuers that it keeps. */
  providers: Providers
  /** Reads and checks XML of SAML identity providers. */
  saml: SamlThread
  saml_refresh: RefreshOnce
  /** This server as SAML knows it; null while that is off. */
  service_provider: ServiceProvider | null
  log: Logger
  /** Imports that run in this process. */
  imports: ImportJobs
  /** How the configuration was given. */
  settings: Pick<Loaded, 'warnings' | 'set_names' | 'inNamesOf'>
  /** Counts what happens by the day. */
  activity: Activity
  /** Takes what answers do not wait for, and a server that stops does. */
  beside: WorkBeside
  /** Milliseconds since the epoch. Decisions about stored times use the database's clock instead. */
  now(): number
  random(size: number): Buffer
  fetch: typeof globalThis.fetch
  /** Mail exchangers of a host; `none` when there is certainly no way to send mail there, `unknown` otherwise. */
  resolve_mx(host: string): Promise<string[] | 'none' | 'unknown'>
}

/** Who sent the request, once a guard has let it pass. */
export interface Caller {
  claims: Claims
  user: User
  /** Its `aal` is what it opens now: a session that a trusted device raised opens less. */
  session: Session | null
  /** The level that its tokens have. */
  level: 'aal1' | 'aal2'
  /** Whether a second factor was shown in the session, and not only spared by a trusted device. */
  has_shown: boolean
  /** The database's time when they were read, in milliseconds since the epoch. */
  now_ms: number
}

/** One a request. */
export interface Ctx extends Deps {
  request_id: string
  method: string
  path: string
  /** The address of the client as audit, sessions and hooks record it; `''` when unknown. */
  client_address: string
  user_agent: string
  /** Who sends the request, as limits count: a trusted address, IPv6 by /64, or what the configured header says. */
  client: Client
  /** `2024-01-01` or later switches the form of errors; `''` without one. */
  api_version: string
  /** Audience that users are looked up in. */
  aud: string
  /** The address that a flow sends the browser to, already checked against the allow-list. */
  redirect_to: string
  /** Base of links in mails: API_EXTERNAL_URL, or an allowed X-Forwarded-Host. */
  external_url: string
  /** Tags of the languages that whoever asks reads, the most wanted first: those of `ui_locales`, then of Accept-Language. */
  languages: readonly string[]
  query: URLSearchParams
  path_params: Record<string, string>
  header(name: string): string | undefined
  /** Set on routes for signed-in users. */
  caller?: Caller
  /** Set on routes for administrators: the claims of the token. */
  admin?: Claims
  /** Headers of the answer, whatever comes of the request: they name the session that it was about. */
  answer_headers: Record<string, string>
  /** Fields that the log line of this request gets. */
  log_fields: Record<string, unknown>
}

/** A request of a signed-in person. */
export type UserCtx = Ctx & { caller: Caller }

/** A request of a person with an account and a session of their own, who may have second factors. */
export type FactorsCtx = Ctx & { caller: Caller & { session: Session } }

/** A request about one of the person's second factors. */
export type FactorCtx = FactorsCtx & { factor: Factor }

/** A request of an administrator. */
export type AdminCtx = Ctx & { admin: Claims }

/** A request of an administrator about an account. */
export type AccountCtx = AdminCtx & { account: User }

/** A request of an administrator about a second factor of an account. */
export type AccountFactorCtx = AccountCtx & { factor: Factor }

/** A request of an administrator about an application. */
export type OAuthClientCtx = AdminCtx & { oauth_client: OAuthClient }

/** A request of an administrator about the identity provider of a company. */
export type SsoProviderCtx = AdminCtx & { sso_provider: SsoProvider }

/** A request of the identity provider of a company about its people. */
export type ScimCtx = Ctx & { scim: ScimScope }
