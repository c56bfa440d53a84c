// Asks an application's own code, over HTTP or as a function of the database, at the hooks that are enabled.
import { randomUUID } from 'node:crypto'
import { type HookName, hookNames } from '../config/families.ts'
import { hookAddress } from '../config/hook-address.ts'
import type { Config } from '../config/keys.ts'
import { AuthError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Meter } from '../meter.ts'
import type { Queryable } from '../storage/db.ts'
import { type HookOutputs, type HookPayloads, hookPoints } from './hook-points.ts'
import { callHttpHook, type HttpHook } from './http.ts'
import { readReply } from './read-reply.ts'
import { createRecentCalls, type HookCall, type RecentCalls } from './recent-calls.ts'
import { webhookSigner } from './webhook-signer.ts'

/** Who asks: the client's address, and where a function of the database runs. */
export interface HookPlace {
  client_address: string
  db?: Queryable
}

/** The hooks of an application. */
export interface Hooks {
  /** How the last calls went. */
  recent: RecentCalls
  /** Whether a hook is on, and how it is called. */
  enabled(name: HookName): false | 'http' | 'postgres'
  /**
   * Calls a hook; null when it is off or answered with nothing. HTTP hooks must not be called within a transaction.
   * @throws AuthError what the hook or the lack of a right reply makes of the request
   */
  run<Name extends HookName>(
    name: Name,
    payload: HookPayloads[Name],
    where: HookPlace,
  ): Promise<HookOutputs[Name] | null>
}

/** Calls `schema.fn(payload)` for at most `timeout_ms`; null when it returns nothing. */
export type CallFunction = (
  db: Queryable,
  schema: string,
  fn: string,
  payload: unknown,
  timeout_ms: number | null,
) => Promise<unknown>

/** What hooks need. */
export interface HooksOptions {
  config: { hooks: Partial<Config['hooks']> } & Partial<Pick<Config, 'hook_allow_http_hosts'>>
  fetch: typeof globalThis.fetch
  log: Logger
  /** Milliseconds since the epoch. */
  now(): number
  callFunction: CallFunction
  meter?: Meter
}

type Target = { kind: 'http'; hook: HttpHook } | { kind: 'postgres'; uri: string; schema: string; fn: string }

/**
 * Reads which hooks are on and where they are.
 * @throws Error that names the variable, when an address or a secret is not one
 */
export function createHooks(options: HooksOptions): Hooks {
  const targets = new Map<HookName, Target>()
  for (const name of hookNames) {
    const target = targetOf(name, options)
    if (target) targets.set(name, target)
  }
  const recent = createRecentCalls()
  return {
    recent,
    enabled: (name) => targets.get(name)?.kind ?? false,
    async run(name, payload, where) {
      const target = targets.get(name)
      if (!target) return null
      return runHook({ ...options, recent }, name, target, payload, where)
    },
  }
}

async function runHook<Name extends HookName>(
  options: HooksOptions & { recent: RecentCalls },
  name: Name,
  target: Target,
  payload: HookPayloads[Name],
  where: HookPlace,
): Promise<HookOutputs[Name] | null> {
  const point = hookPoints[name]
  const message = { metadata: metadataOf(options, point.metadata_name, where.client_address), ...payload }
  const started = performance.now()
  const fields = () => ({ hook: name, duration_ms: Math.round(performance.now() - started) })
  const note = (call: Omit<HookCall, 'at' | 'duration_ms'>) => {
    const { duration_ms } = fields()
    options.recent.note(name, { ...call, at: message.metadata.time, duration_ms })
  }
  try {
    const reply =
      target.kind === 'http'
        ? await callHttpHook(target.hook, message)
        : await callPostgres(options.callFunction, target, message, where.db, point.timeout_ms)
    const output = point.read(reply === null ? null : readReply(reply))
    options.meter?.time('hooks', { hook: name, outcome: 'ok' }, performance.now() - started)
    options.log.debug(fields(), 'hook answered')
    note({ outcome: 'answered', status: null, error_code: '', message: '' })
    return output
  } catch (error) {
    const refusal = error instanceof AuthError ? { status: error.status, error_code: error.code } : {}
    options.meter?.time('hooks', { hook: name, outcome: 'refused' }, performance.now() - started)
    options.log.warn({ ...fields(), ...refusal }, 'hook failed or refused')
    const text = error instanceof Error ? error.message.slice(0, 300) : ''
    note({ outcome: 'failed', status: null, error_code: '', ...refusal, message: text })
    throw error
  }
}

function metadataOf({ now }: HooksOptions, name: string, ip_address: string) {
  const time = new Date(now()).toISOString()
  return { uuid: randomUUID(), time, name, ...(ip_address && { ip_address }) }
}

/** The error of a function goes along as the cause: what it raised on purpose is shown, the rest is only logged. */
async function callPostgres(
  callFunction: CallFunction,
  { uri, schema, fn }: Extract<Target, { kind: 'postgres' }>,
  message: object,
  db: Queryable | undefined,
  timeout_ms: number | null,
): Promise<unknown> {
  if (!db) throw new Error('a hook in the database needs a place to run in')
  try {
    return (await callFunction(db, schema, fn, message, timeout_ms)) ?? null
  } catch (error) {
    // Only an outage is not the function's own fault; running out of its time is.
    if (error instanceof AuthError && error.code !== 'request_timeout') throw error
    throw new AuthError(500, 'unexpected_failure', `Error running hook URI: ${uri}`, { cause: error })
  }
}

function targetOf(name: HookName, { config, fetch, now }: HooksOptions): Target | null {
  const settings = config.hooks[name]
  if (!settings?.enabled) return null
  const variable = `GOTRUE_HOOK_${name.toUpperCase()}`
  const { uri } = settings
  const at = hookAddress(uri, config.hook_allow_http_hosts ?? [])
  if ('problem' in at) throw new Error(`${variable}_URI ${at.problem}`)
  if (at.kind === 'postgres') return { ...at, uri }
  try {
    return { kind: 'http', hook: { ...addressOf(uri), signers: settings.secrets.map(webhookSigner), fetch, now } }
  } catch (error) {
    throw new Error(`${variable}_SECRETS: ${error instanceof Error ? error.message : 'not valid'}`)
  }
}

/** A name and password in an address go into a header of their own: fetch refuses them in the address. */
function addressOf(uri: string): Pick<HttpHook, 'uri' | 'authorization'> {
  const { username, password } = new URL(uri)
  if (username === '' && password === '') return { uri, authorization: '' }
  const bare = Object.assign(new URL(uri), { username: '', password: '' })
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { uri: bare.href, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
