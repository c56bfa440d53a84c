// Whether a mail may be sent to an address at all: authorised addresses, known nonsense, mail exchangers, a service.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'

const limit_ms = 3000

const neverReal = new Set(['test@gmail.com', 'example@gmail.com', 'someone@gmail.com', 'test@email.com'])
const neverHosts = new Set([
  'test',
  'example',
  'invalid',
  'local',
  'localhost',
  'test.com',
  'example.com',
  'example.net',
  'example.org',
  'gamil.com',
  'gamai.com',
  'anonymous.com',
  'email.com',
])
const neverSuffixes = ['.test', '.example', '.invalid', '.local', '.localhost']
/** Hosts that are known to take mail and are not looked up. */
const knownHosts = new Set([
  'gmail.com',
  'yahoo.com',
  'hotmail.com',
  'outlook.com',
  'icloud.com',
  'aol.com',
  'live.com',
  'msn.com',
  'me.com',
  'mac.com',
  'googlemail.com',
  'protonmail.com',
  'proton.me',
  'ymail.com',
  'comcast.net',
  'gmx.de',
  'gmx.net',
  'web.de',
  'mail.ru',
  'yandex.ru',
])

/** `a+label@b` → `a@b`, lower case. */
const withoutLabel = (address: string): string => address.toLowerCase().replace(/\+[^@]*@/, '@')

const isInvalid = (address: string): AuthError =>
  new AuthError(400, 'email_address_invalid', `Email address ${JSON.stringify(address)} is invalid`)

/**
 * Lets addresses pass that mail may go to; the send-email hook decides for itself. May ask the network for at most three
 * seconds, so never in a transaction; what cannot be found out lets the address pass.
 * @throws AuthError 400 email_address_not_authorized, email_address_invalid; 500 for a blocked mail exchanger
 */
export async function checkDeliverable(ctx: Ctx, address: string): Promise<void> {
  if (ctx.hooks.enabled('send_email') !== false) return
  const { external_email_authorized_addresses: authorized, mailer_email_validation_extended } = ctx.config
  if (authorized.length > 0 && !authorized.some((allowed) => withoutLabel(allowed) === withoutLabel(address)))
    throw new AuthError(
      400,
      'email_address_not_authorized',
      `Email address ${JSON.stringify(address)} cannot be used as it is not authorized`,
    )
  const [name = '', host = ''] = address.split('@')
  if (mailer_email_validation_extended) requirePlausible(address, name, host)
  const deadline = AbortSignal.timeout(limit_ms)
  await Promise.all([checkExchangers(ctx, address, host, deadline), askService(ctx, address, deadline)])
}

function requirePlausible(address: string, name: string, host: string): void {
  const nonsense =
    neverReal.has(address) ||
    neverHosts.has(host) ||
    neverSuffixes.some((suffix) => host.endsWith(suffix)) ||
    !host.includes('.') ||
    (host === 'gmail.com' && name.replaceAll('.', '').length < 6)
  if (nonsense) throw isInvalid(address)
}

/** A definite answer that there is no mail refuses; silence and errors do not. */
async function checkExchangers(ctx: Ctx, address: string, host: string, deadline: AbortSignal): Promise<void> {
  const blocked = readList(ctx.config.mailer_email_validation_blocked_mx)
  if (!ctx.config.mailer_email_validation_extended && blocked.size === 0) return
  if (knownHosts.has(host)) return
  const exchangers = await Promise.race([ctx.resolve_mx(host), aborted(deadline)])
  if (exchangers === 'none' && ctx.config.mailer_email_validation_extended) throw isInvalid(address)
  if (Array.isArray(exchangers) && exchangers.some((name) => blocked.has(name.toLowerCase().replace(/\.$/, ''))))
    throw new AuthError(500, 'unexpected_failure', 'Error sending confirmation email')
}

function readList(json: string): Set<string> {
  if (json === '') return new Set()
  try {
    return new Set([JSON.parse(json)].flat().map((name) => String(name).toLowerCase().replace(/\.$/, '')))
  } catch {
    return new Set()
  }
}

const aborted = (signal: AbortSignal): Promise<'unknown'> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve('unknown'), { once: true }))

/** Only a clear `{"valid":false}` refuses. */
async function askService(ctx: Ctx, address: string, deadline: AbortSignal): Promise<void> {
  const { mailer_email_validation_service_url: url, mailer_email_validation_service_headers: headers } = ctx.config
  if (url === '') return
  let verdict = ''
  try {
    const response = await ctx.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...readHeaders(headers) },
      body: JSON.stringify({ email: address }),
      signal: deadline,
    })
    if (response.ok) verdict = (await response.text()).slice(0, 32)
  } catch (error) {
    ctx.log.warn({ err: error }, 'the service for e-mail addresses did not answer')
  }
  if (/^\s*\{\s*"valid"\s*:\s*false\s*\}/.test(verdict)) throw isInvalid(address)
}

function readHeaders(json: string): Record<string, string> {
  if (json === '') return {}
  try {
    return Object.fromEntries(
      Object.entries(Object(JSON.parse(json))).map(([name, value]) => [name, String([value].flat()[0])]),
    )
  } catch {
    return {}
  }
}
