// Back-channel logout: applications are told of sessions of theirs that are over (OpenID Connect Back-Channel Logout 1.0).
import { randomUUID } from 'node:crypto'
import type { Deps } from '../../context.ts'
import { signJwt } from '../../crypto/jwt.ts'
import { type DueLogoutNotice, deleteLogoutNotice, takeLogoutNotices } from '../../storage/logout-notices.ts'
import { isOn } from './oauth-client.ts'

/** Seconds that a logout token is good for. */
const life_s = 120
/** After these attempts, over five hours, an application is not told any more. */
const mostAttempts = 6
const atOnce = 20

/** Milliseconds between two looks at the table, and without a request. */
const [pause_ms, longestPause_ms] = [1000, 30_000]

/** Sends logout tokens behind the requests. */
export interface LogoutSender {
  /** Looks for sessions that are over, once a second at most. */
  kick(): void
  /** Resolves when every token that is due was sent once. */
  idle(): Promise<void>
  /** Lets running calls end, and begins no others. */
  stop(): Promise<void>
}

/** Makes the sender of a server; it does nothing where applications are not told. */
export function createLogoutSender(deps: Deps): LogoutSender {
  let running: Promise<void> | null = null
  let isStopped = !isOn(deps, 'logout')
  let last_ms = 0
  let waits: NodeJS.Timeout | undefined
  function run(): void {
    if (isStopped || running) return
    last_ms = Date.now()
    running = sendLogouts(deps).finally(() => {
      running = null
      again(longestPause_ms)
    })
  }
  function again(in_ms: number): void {
    clearTimeout(waits)
    if (!isStopped) waits = setTimeout(run, in_ms).unref()
  }
  again(longestPause_ms)
  return {
    kick: () => again(Math.max(0, last_ms + pause_ms - Date.now())),
    async idle() {
      await running
      run()
      await running
    },
    async stop() {
      isStopped = true
      clearTimeout(waits)
      await running
    },
  }
}

/** Tells of every session that is over by now; never rejects. */
async function sendLogouts(deps: Deps): Promise<void> {
  try {
    for (;;) {
      const due = await takeLogoutNotices(deps.db, atOnce)
      await Promise.all(due.map((notice) => send(deps, notice)))
      if (due.length < atOnce) return
    }
  } catch (error) {
    deps.log.warn({ err: error }, 'logout tokens could not be sent')
  }
}

async function send(deps: Deps, notice: DueLogoutNotice): Promise<void> {
  const { session_id, client_id, address, attempts } = notice
  const status = address === null ? 'none' : await post(deps, address, notice)
  // 400 is the application's word that it will not take it (§2.8); sending it again would change nothing.
  const isDone = status === 'none' || status === 200 || status === 204 || status === 400
  if (isDone || attempts >= mostAttempts) await deleteLogoutNotice(deps.db, session_id)
  if (status !== 200 && status !== 204 && status !== 'none')
    deps.log.warn({ client_id, status, attempts }, 'an application did not take a logout token')
}

async function post(deps: Deps, address: string, notice: DueLogoutNotice): Promise<number | 'unreachable'> {
  try {
    const token = await logoutToken(deps, notice)
    const type = 'application/x-www-form-urlencoded'
    const { status } = await deps.providers.sendDocument(address, { type, body: `logout_token=${token}` })
    return status
  } catch (error) {
    deps.log.warn({ err: error }, 'an application could not be reached with a logout token')
    return 'unreachable'
  }
}

/** A logout token (§2.4); its type keeps it from passing for any other (RFC 8725 §3.11). */
function logoutToken(
  { config, keys, now }: Deps,
  { session_id, user_id, client_id, client_document }: DueLogoutNotice,
): Promise<string> {
  const iat = Math.floor(now() / 1000)
  const header = { ...JSON.parse(Buffer.from(keys.id_tokens.header, 'base64url').toString()), typ: 'logout+jwt' }
  const claims = {
    iss: config.jwt_issuer,
    sub: user_id,
    aud: client_document ?? client_id,
    iat,
    exp: iat + life_s,
    jti: randomUUID(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    sid: session_id,
  }
  return signJwt(claims, { ...keys.id_tokens, header: Buffer.from(JSON.stringify(header)).toString('base64url') })
}
