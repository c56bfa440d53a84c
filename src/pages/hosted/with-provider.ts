// Signing in with a provider: there, with a PKCE secret that only this browser keeps (RFC 7636), and back.
import { createHash, randomBytes } from 'node:crypto'
import { goTo, type Notice, type PageCtx, type PageReply } from '../page.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { providerLabel } from '../parts/ways.ts'
import { wordOfError } from '../words/word-of-error.ts'
import { accessTokenOf, bannedPage, finishSignIn } from './finish-sign-in.ts'
import { along, type Journey, journeyOf } from './journey.ts'
import { view } from './sign-in.ts'

interface Trip {
  provider: string
  code_verifier: string
  journey: Journey
}

/** A trip to a provider: the PKCE fields that it begins with, and what keeps its secret in this browser. */
export function newTrip(ctx: PageCtx, provider: string) {
  const code_verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(code_verifier).digest('base64url')
  const trip: Trip = { provider, code_verifier, journey: journeyOf(ctx) }
  return { pkce: { code_challenge, code_challenge_method: 's256' }, keep: () => ctx.keep('trip', trip) }
}

/** GET /pages/with/:provider: to the provider. */
export async function leaveForProvider(ctx: PageCtx): Promise<PageReply> {
  const provider = ctx.path_params.provider ?? ''
  const { pkce, keep } = newTrip(ctx, provider)
  const query = new URLSearchParams({ provider, redirect_to: ctx.absolute('/pages/callback'), ...pkce })
  const answer = await ctx.api('GET', `/authorize?${query}`)
  const address = answer.headers.get('location')
  if (address === null) return view(ctx, { identifier: '', errors: [refusal(ctx, answer)], status: statusOf(answer) })
  keep()
  return { kind: 'leave', address }
}

/** GET /pages/callback: back from the provider; a code counts only in the browser that went there. */
export async function comeBack(ctx: PageCtx): Promise<PageReply> {
  const { provider, code_verifier, journey } = Object(ctx.kept('trip')) as Partial<Trip>
  if (!provider || !code_verifier || !journey)
    return sayAgain(ctx, { attempt: '', redirect_to: '' }, 'callback_lost', '')
  ctx.keep('trip', null)
  const auth_code = ctx.query.get('code') ?? ''
  if (auth_code === '') {
    // What the provider says is nobody's word that we would repeat; its kind is enough.
    if (ctx.query.get('error_code') === 'user_banned') return bannedPage(ctx)
    const word = wordOfError(ctx.query.get('error_code') ?? '')
    if (word !== 'errors.failed') return goTo(along('/pages/sign-in', journey), failure(ctx.words(word)))
    const isDenied = ctx.query.get('error') === 'access_denied'
    return sayAgain(ctx, journey, isDenied ? 'provider_denied' : 'provider_failed', provider)
  }
  const answer = await ctx.api('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
  const access_token = accessTokenOf(answer.body)
  return access_token === ''
    ? sayAgain(ctx, journey, 'provider_failed', provider)
    : finishSignIn(ctx, access_token, journey)
}

const failure = (text: string): Notice => ({ kind: 'error', text })

function sayAgain(
  { words }: PageCtx,
  journey: Journey,
  key: 'callback_lost' | 'provider_denied' | 'provider_failed',
  provider: string,
): PageReply {
  const name = { provider: provider === 'sso' ? words('hosted.your_organization') : providerLabel(provider) }
  const text = key === 'callback_lost' ? words('hosted.callback_lost') : words(`hosted.${key}`, name)
  return goTo(along('/pages/sign-in', journey), failure(text))
}
