// Asks a captcha service whether a token of the body proves a person.
import type { Ctx } from '../../../context.ts'
import { AuthError } from '../../../errors.ts'
import { isJsonObject } from '../../../json-values.ts'
import { bearerClaimsOrNull } from './bearer.ts'

const services: Record<string, string> = {
  hcaptcha: 'https://hcaptcha.com/siteverify',
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
}

const refused = (reason: string): AuthError =>
  new AuthError(400, 'captcha_failed', `captcha protection: request disallowed (${reason})`)

/**
 * Lets a request with a good captcha token pass, and administrators.
 * @throws AuthError 400 captcha_failed; 500 unexpected_failure when the service does not answer
 */
export async function checkCaptcha(ctx: Ctx, body: Record<string, unknown>): Promise<void> {
  if (isAdministrator(ctx)) return
  const token = readToken(body.gotrue_meta_security ?? {})
  if (token === '') throw refused('no captcha_token found')
  const verdict = await ask(ctx, token)
  if (verdict.success !== true) {
    const codes = verdict['error-codes']
    throw refused(Array.isArray(codes) ? codes.join(', ') : '')
  }
}

function readToken(security: unknown): string {
  const token = isJsonObject(security) ? (security.captcha_token ?? '') : null
  if (typeof token === 'string') return token.trim()
  const name = isJsonObject(security) ? 'gotrue_meta_security.captcha_token' : 'gotrue_meta_security'
  throw new AuthError(400, 'bad_json', `Could not parse request body as JSON: ${name} is of the wrong type`)
}

async function ask(ctx: Ctx, token: string): Promise<Record<string, unknown>> {
  const { security_captcha_provider, security_captcha_secret, security_captcha_timeout, security_captcha_url } =
    ctx.config
  try {
    const response = await ctx.fetch(security_captcha_url || (services[security_captcha_provider] ?? ''), {
      method: 'POST',
      body: new URLSearchParams({ secret: security_captcha_secret, response: token, remoteip: ctx.client_address }),
      redirect: 'error',
      signal: AbortSignal.timeout(security_captcha_timeout),
    })
    const verdict: unknown = await response.json()
    if (typeof verdict !== 'object' || verdict === null) throw new Error('the answer is no object')
    return verdict as Record<string, unknown>
  } catch (error) {
    throw new AuthError(500, 'unexpected_failure', 'captcha verification process failed', { cause: error })
  }
}

function isAdministrator(ctx: Ctx): boolean {
  const claims = bearerClaimsOrNull(ctx, ctx.header('authorization'))
  return claims !== null && ctx.config.jwt_admin_roles.includes(String(claims.role))
}
