// Signing in with what a script of the page brought: a passkey's signature, a wallet's, or nothing but a wish to go on.
import { jsonOrNull } from '../../json-values.ts'
import type { ApiAnswer, PageCtx, PageReply } from '../page.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { captchaFields } from './captcha.ts'
import { accessTokenOf, bannedPage, finishSignIn } from './finish-sign-in.ts'
import { journeyOf } from './journey.ts'
import { view } from './sign-in.ts'

async function finish(ctx: PageCtx, answer: ApiAnswer): Promise<PageReply> {
  const access_token = accessTokenOf(answer.body)
  if (access_token !== '') return finishSignIn(ctx, access_token, journeyOf(ctx))
  if (answer.code === 'user_banned') return bannedPage(ctx)
  return view(ctx, { identifier: '', errors: [refusal(ctx, answer)], status: statusOf(answer) })
}

/** POST /pages/passkey/options: what the browser asks passkeys. */
export async function passkeyOptions(ctx: PageCtx): Promise<PageReply> {
  const { status, body } = await ctx.api('POST', '/passkeys/authentication/options', { body: captchaFields(ctx) })
  return { kind: 'data', status, data: body }
}

/** POST /pages/passkey: the answer of one. */
export async function signInWithPasskey(ctx: PageCtx): Promise<PageReply> {
  const { challenge_id = '', credential = '' } = ctx.form
  const body = { challenge_id, credential: jsonOrNull(credential) }
  return finish(ctx, await ctx.api('POST', '/passkeys/authentication/verify', { body }))
}

/** POST /pages/wallet: a message that a wallet signed. */
export async function signInWithWallet(ctx: PageCtx): Promise<PageReply> {
  const { chain = '', message = '', signature = '' } = ctx.form
  const body = { chain, signature, message: message.replaceAll('\r\n', '\n'), ...captchaFields(ctx) }
  return finish(ctx, await ctx.api('POST', '/token?grant_type=web3', { body }))
}

/** POST /pages/guest: an account without an address. */
export const signInAsGuest = async (ctx: PageCtx): Promise<PageReply> =>
  finish(ctx, await ctx.api('POST', '/signup', { body: captchaFields(ctx) }))
