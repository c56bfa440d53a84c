// /pages/account/passkeys/…: a passkey is made, named or removed.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { goTo, type PageReply, type PersonCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { refusal, statusOf } from '../parts/refusal.ts'
import { accountView, confirmView, formPanel } from './account-view.ts'
import { afterAction, wayBefore } from './after-action.ts'
import { madeCredential, newCredential } from './new-credential.ts'

const home = '/pages/account/sign-in'

/** POST …/add: asks for the options, and shows the button that makes the passkey. */
export async function addPasskey(ctx: PersonCtx): Promise<PageReply> {
  const answer = await ctx.api('POST', '/passkeys/registration/options', { as: ctx.person.token })
  if (!answer.ok) return afterAction(ctx, answer, home, '')
  const { challenge_id, options } = Object(answer.body)
  return makeView(ctx, String(challenge_id), options)
}

const makeView = (ctx: PersonCtx, challenge_id: string, options: unknown): PageReply =>
  accountView(ctx, {
    section: 'sign_in',
    title: ctx.words('account.passkey_title'),
    lead: ctx.words('account.passkey_add_text'),
    scripts: ['create-credential.js'],
    body: newCredential(ctx, {
      path: '/pages/account/passkeys/make',
      back: home,
      fields: { challenge_id },
      options,
      label: ctx.words('account.passkey_make'),
      failed: ctx.words('account.passkey_failed'),
    }),
  })

/** POST …/make: keeps what the browser made, and asks what to call it. */
export async function makePasskey(ctx: PersonCtx): Promise<PageReply> {
  const body = { challenge_id: ctx.form.challenge_id ?? '', credential: madeCredential(ctx) }
  const answer = await ctx.api('POST', '/passkeys/registration/verify', { as: ctx.person.token, body })
  if (!answer.ok) return afterAction(ctx, answer, home, '')
  const { id } = Object(answer.body)
  return goTo(`/pages/account/passkeys/${id}/name`, { kind: 'success', text: ctx.words('account.passkey_added') })
}

/** The passkey of a path as the API lists it; null for none. */
async function passkeyOf(ctx: PersonCtx): Promise<{ id: string; name: string } | null> {
  const { body } = await ctx.api('GET', '/passkeys', { as: ctx.person.token })
  const own = listOf(body).find(({ id }) => id === ctx.path_params.id)
  return own ? { id: String(own.id), name: String(own.friendly_name ?? '') } : null
}

async function nameView(ctx: PersonCtx, typed: string | null, errors: readonly FormError[], status: number) {
  const passkey = await passkeyOf(ctx)
  if (!passkey) return goTo(home)
  const { words } = ctx
  const name = inputField(
    {
      name: 'name',
      label: words('account.passkey_name'),
      value: typed ?? passkey.name,
      maxlength: 120,
      autocomplete: 'off',
    },
    errors,
  )
  return accountView(ctx, {
    section: 'sign_in',
    title: words('account.passkey_rename_title'),
    errors,
    status,
    body: formPanel(ctx, ctx.path, home, name, words('account.save')),
  })
}

/** GET …/:id/name. */
export const passkeyNamePage = (ctx: PersonCtx): Promise<PageReply> => nameView(ctx, null, [], 200)

/** POST …/:id/name. */
export async function passkeyNameForm(ctx: PersonCtx): Promise<PageReply> {
  const { words, person, path_params } = ctx
  const friendly_name = (ctx.form.name ?? '').trim()
  if (friendly_name === '') return nameView(ctx, '', [{ field: 'name', text: words('account.enter_name') }], 400)
  const answer = await ctx.api('PATCH', `/passkeys/${encodeURIComponent(path_params.id ?? '')}`, {
    as: person.token,
    body: { friendly_name },
  })
  if (answer.ok) return goTo(home, { kind: 'success', text: words('account.passkey_renamed') })
  const errors = [refusal(ctx, answer, { validation_failed: 'name' })]
  return wayBefore(answer, ctx.path) ?? nameView(ctx, friendly_name, errors, statusOf(answer))
}

/** GET …/:id/remove. */
export async function passkeyRemovePage(ctx: PersonCtx): Promise<PageReply> {
  const passkey = await passkeyOf(ctx)
  if (!passkey) return goTo(home)
  const name = passkey.name || ctx.words('account.passkey_unnamed')
  return confirmView(ctx, {
    section: 'sign_in',
    title: ctx.words('account.passkey_remove_title'),
    text: html`<bdi>${ctx.words('account.passkey_remove_text', { name })}</bdi>`,
    label: ctx.words('account.remove'),
  })
}

/** POST …/:id/remove. */
export async function passkeyRemoveForm(ctx: PersonCtx): Promise<PageReply> {
  const path = `/passkeys/${encodeURIComponent(ctx.path_params.id ?? '')}`
  const answer = await ctx.api('DELETE', path, { as: ctx.person.token })
  return afterAction(ctx, answer, home, ctx.words('account.passkey_removed'))
}
