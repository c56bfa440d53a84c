// GET and POST /verify: a link or code proves an address and opens a session.
import { z } from 'zod'
import { ownPagePath, pageAddress } from '../config/pages-address.ts'
import type { Ctx } from '../context.ts'
import { AuthError, invalid } from '../errors.ts'
import { json, type Reply, redirect } from '../reply.ts'
import { isAllowedReturn } from './steps/answers/allowed-redirect.ts'
import { confirmPage } from './steps/answers/confirm-page.ts'
import { redirectWith, redirectWithError, retryHeaders } from './steps/answers/redirect-with.ts'
import { sessionFragment } from './steps/external/session-fragment.ts'
import { type AddressKind, addressKinds, kindOfAddress } from './steps/one-time-tokens/address-kinds.ts'
import { findByLink } from './steps/one-time-tokens/one-time-token.ts'
import { text } from './steps/requests/fields.ts'
import { requireNoBan } from './steps/requests/require-no-ban.ts'
import type { TokenAnswer } from './steps/sessions/issue-session.ts'
import { findByCode } from './steps/verification/find-by-code.ts'
import { isExpired, type ProvenToken, provesEmail, tokensOfType, useToken } from './steps/verification/use-token.ts'

export const verifyBody = z.object({
  type: text,
  token: text,
  token_hash: text,
  email: text,
  phone: text,
  redirect_to: text,
})

const halfWay = 'Confirmation link accepted. Please proceed to confirm link sent to the other email'
const badLink = (): AuthError => new AuthError(403, 'otp_expired', 'Email link is invalid or has expired')

/** The account that a link belongs to. */
async function provenByLink(ctx: Ctx, type: string, carried: string): Promise<ProvenToken> {
  const kinds = tokensOfType(type, 'email')
  if (kinds.length === 0) throw invalid('Invalid email verification type')
  const found = await findByLink(ctx.db, carried, kinds)
  if (!found || !provesEmail(found)) throw badLink()
  requireNoBan(found.user)
  if (isExpired(ctx, addressKinds.email, found)) throw badLink()
  return { ...found, type }
}

const linkTitles: Record<string, string> = {
  signup: 'Confirm your email address',
  invite: 'Accept the invitation',
  recovery: 'Reset your password',
  magiclink: 'Sign in',
  email: 'Sign in',
  email_change: 'Confirm the change of address',
}

export const confirmBody = z.object({ type: text, token: text, redirect_to: text })

const prefetchHeaders = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz']

/** Follows a link of a mail, or shows the page whose button does; what only looks ahead uses nothing up. */
export async function verifyLink(ctx: Ctx): Promise<Reply> {
  const type = ctx.query.get('type') ?? ''
  const token = ctx.query.get('token') ?? ''
  if (type === '') throw invalid('Verify requires a verification type')
  if (token === '') throw invalid('Verify requires a token or a token hash')
  if (prefetchHeaders.some((name) => /prefetch|prerender|preview/i.test(ctx.header(name) ?? '')))
    return { status: 204, headers: { 'cache-control': 'no-store' } }
  const { config, redirect_to } = ctx
  if (config.pages && (config.verify_confirm || ownPagePath(config, redirect_to) !== null))
    return redirect(pageAddress(config, `/pages/confirm?${new URLSearchParams({ type, token, redirect_to })}`))
  if (config.verify_confirm)
    return confirmPage({
      title: linkTitles[type] ?? 'Continue',
      text: ['Press the button to go on.'],
      action: `${ctx.external_url}/verify/confirm`,
      fields: { token, type, redirect_to },
    })
  return followLink(ctx, type, token, redirect_to)
}

/** POST /verify/confirm: the button of that page. */
export async function confirmLink(ctx: Ctx, body: z.infer<typeof confirmBody>): Promise<Reply> {
  const target = isAllowedReturn(body.redirect_to, ctx.config) ? body.redirect_to : ctx.config.site_url
  return followLink(ctx, body.type, body.token, target)
}

/** A redirect with tokens, an auth code, or an error. */
async function followLink(ctx: Ctx, type: string, token: string, target: string): Promise<Reply> {
  const is_pkce = token.startsWith('pkce_')
  try {
    const proven = await provenByLink(ctx, type, token)
    const outcome = await useToken(ctx, { ...proven, is_link: true }, badLink)
    if (outcome.kind === 'code') return redirect(redirectWith(target, { query: { code: outcome.auth_code } }))
    if (outcome.kind === 'half way') {
      const message = { message: halfWay }
      return redirect(redirectWith(target, { ...(is_pkce && { query: message }), fragment: { ...message, sb: '' } }))
    }
    return withTokens(target, outcome.session, outcome.type)
  } catch (error) {
    if (!(error instanceof AuthError) || error.code === 'request_timeout') throw error
    ctx.log_fields.error_code = error.code
    return { ...redirect(redirectWithError(target, error, is_pkce)), ...retryHeaders(error) }
  }
}

const withTokens = (address: string, session: TokenAnswer, type: string): Reply =>
  redirect(redirectWith(address, { fragment: { ...sessionFragment(session), type } }))

/** Takes a code with its address, or the hash of a link. */
export async function verifyCode(ctx: Ctx, body: z.infer<typeof verifyBody>): Promise<Reply> {
  const { type, token, token_hash, email, phone } = body
  if (type === '') throw invalid('Verify requires a verification type')
  if ((token === '') === (token_hash === '')) throw invalid('Verify requires either a token or a token hash')
  if (token_hash !== '') {
    if (email !== '' || phone !== '' || body.redirect_to !== '')
      throw invalid('Only the token_hash and type should be provided')
    return answer(await useToken(ctx, await provenByLink(ctx, type, token_hash), badLink))
  }
  if ((email === '') === (phone === ''))
    throw invalid('Only an email address or phone number should be provided on verify')
  const kind = kindOfAddress({ email })
  const proven = await findByCode(ctx, { type, code: token, kind, address: checkedAddress(kind, email || phone) })
  return answer(await useToken(ctx, proven, () => new AuthError(403, 'otp_expired', 'Token has expired or is invalid')))
}

function checkedAddress(kind: AddressKind, address: string): string {
  try {
    return kind.normalise(address)
  } catch (error) {
    if (kind.name === 'phone') throw error
    throw new AuthError(422, 'validation_failed', 'Invalid email format')
  }
}

function answer(outcome: Awaited<ReturnType<typeof useToken>>): Reply {
  if (outcome.kind === 'half way') return json({ code: '200', msg: halfWay })
  if (outcome.kind === 'code') return json({ auth_code: outcome.auth_code })
  return json(outcome.session.body)
}
