// /pages/account/identities/…: an account elsewhere is linked, with a PKCE secret that only this browser keeps, or unlinked.
import { createHash, randomBytes } from 'node:crypto'
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { goTo, type PageReply, type PersonCtx } from '../page.ts'
import { buttonLink } from '../parts/form.ts'
import { providerLabel } from '../parts/ways.ts'
import { accountView, confirmView } from './account-view.ts'
import { afterAction, wayBefore } from './after-action.ts'
import { endSessionOf } from './end-session.ts'
import { identityLabel } from './identity-label.ts'

const home = '/pages/account/sign-in'

/** POST …/:provider/link: begins, by the form of this browser only, and shows the way to the provider. */
export async function beginLinking(ctx: PersonCtx): Promise<PageReply> {
  const provider = ctx.path_params.provider ?? ''
  const code_verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    provider,
    skip_http_redirect: 'true',
    redirect_to: ctx.absolute('/pages/account/identities/linked'),
    code_challenge: createHash('sha256').update(code_verifier).digest('base64url'),
    code_challenge_method: 's256',
  })
  const answer = await ctx.api('GET', `/user/identities/authorize?${query}`, { as: ctx.person.token })
  const address = String(Object(answer.body).url ?? '')
  if (!answer.ok || !/^https?:/.test(address)) return afterAction(ctx, { ...answer, ok: false }, home, '')
  ctx.keep('link', { code_verifier })
  const label = { provider: providerLabel(provider) }
  return accountView(ctx, {
    section: 'sign_in',
    title: ctx.words('account.identity_link_title', label),
    body: html`<div class="panel"><p>${ctx.words('account.identity_link_text', label)}</p><div class="buttons">${buttonLink(address, ctx.words('account.identity_link_go', label), 'primary')}${buttonLink(ctx.address(home), ctx.words('parts.cancel'))}</div></div>`,
  })
}

/** GET …/linked: back from the provider; the code links only in the browser that went there. */
export async function finishLinking(ctx: PersonCtx): Promise<PageReply> {
  const { code_verifier } = Object(ctx.kept('link'))
  const auth_code = ctx.query.get('code') ?? ''
  ctx.keep('link', null)
  const failed = goTo(home, { kind: 'error', text: ctx.words('account.identity_not_linked') })
  if (typeof code_verifier !== 'string' || auth_code === '') return failed
  const answer = await ctx.api('POST', '/token?grant_type=pkce', { body: { auth_code, code_verifier } })
  if (!answer.ok) return wayBefore(answer, home) ?? afterAction(ctx, answer, home, '')
  await endSessionOf(ctx, answer)
  return goTo(home, { kind: 'success', text: ctx.words('account.identity_linked') })
}

function identityOf(ctx: PersonCtx): { provider: string; name: string } | null {
  const { person, path_params } = ctx
  const { identities } = person.user
  const all = listOf(identities)
  const own = all.find(({ identity_id }) => identity_id === path_params.id)
  if (!own) return null
  const label = identityLabel(ctx, String(own.provider))
  return { provider: label, name: String(Object(own.identity_data).email ?? '') || label }
}

/** GET …/:id/unlink. */
export function unlinkPage(ctx: PersonCtx): PageReply {
  const identity = identityOf(ctx)
  if (!identity) return goTo(home)
  const { provider, name } = identity
  return confirmView(ctx, {
    section: 'sign_in',
    title: ctx.words('account.identity_unlink_title', { provider }),
    text: html`<bdi>${ctx.words('account.identity_unlink_text', { name })}</bdi>`,
    label: ctx.words('account.identity_unlink'),
  })
}

/** POST …/:id/unlink. */
export async function unlinkForm(ctx: PersonCtx): Promise<PageReply> {
  const path = `/user/identities/${encodeURIComponent(ctx.path_params.id ?? '')}`
  const answer = await ctx.api('DELETE', path, { as: ctx.person.token })
  return afterAction(ctx, answer, home, ctx.words('account.identity_unlinked'))
}
