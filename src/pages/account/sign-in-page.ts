// /pages/account/sign-in: the password, passkeys and linked accounts that sign a person in.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { goTo, type Html, type PageReply, type PersonCtx } from '../page.ts'
import { buttonLink, postForm } from '../parts/form.ts'
import { waysOf } from '../parts/ways.ts'
import { accountView, type Item, itemList, panel, smallButton, smallLink } from './account-view.ts'
import { isManaged } from './address-rows.ts'
import { identityLabel } from './identity-label.ts'
import { dayOf } from './times.ts'

/** GET. */
export async function signInPage(ctx: PersonCtx): Promise<PageReply> {
  const { words, config, person } = ctx
  if (person.user.is_anonymous) return goTo('/pages/account')
  const ways = waysOf(ctx)
  const isOwn = !isManaged(ctx)
  const hasAddress = Boolean(person.user.email || person.user.phone)
  const password =
    isOwn && hasAddress && (ways.email || ways.phone)
      ? panel(
          words('account.password'),
          words('account.password_text'),
          '',
          buttonLink(ctx.address('/pages/account/password'), words('account.password_set')),
        )
      : ''
  const passkeys = config.passkey_enabled && isOwn ? await passkeysPanel(ctx) : ''
  return accountView(ctx, {
    section: 'sign_in',
    title: words('account.sign_in_title'),
    lead: isOwn ? '' : words('account.managed'),
    body: html`${password}${passkeys}${identitiesPanel(ctx)}`,
  })
}

async function passkeysPanel(ctx: PersonCtx): Promise<Html> {
  const { words, address } = ctx
  const { body } = await ctx.api('GET', '/passkeys', { as: ctx.person.token })
  const items = listOf(body).map(({ id, friendly_name, created_at, last_used_at }): Item => {
    const name = friendly_name || words('account.passkey_unnamed')
    const used = last_used_at ? words('account.used_on', { date: dayOf(ctx, last_used_at) }) : words('account.not_used')
    const href = address(`/pages/account/passkeys/${id}`)
    return {
      title: html`<bdi>${name}</bdi>`,
      lines: [html`${words('account.added_on', { date: dayOf(ctx, created_at) })} · ${used}`],
      actions: html`${smallLink(`${href}/name`, words('account.rename'), name)}${smallLink(`${href}/remove`, words('account.remove'), name)}`,
    }
  })
  const add = waysOf(ctx).passkey
    ? postForm(ctx, '/pages/account/passkeys/add', html`<button class="quiet">${words('account.passkey_add')}</button>`)
    : html`<p class="dim small">${words('account.passkey_elsewhere')}</p>`
  return panel(
    words('account.passkeys'),
    words('account.passkeys_text'),
    itemList(items, words('account.passkeys_none')),
    add,
  )
}

function identitiesPanel(ctx: PersonCtx): Html | '' {
  const { words, config, person, address } = ctx
  const all = listOf(person.user.identities)
  const linked = all.filter(({ provider }) => provider !== 'email' && provider !== 'phone')
  const canLink = config.security_manual_linking_enabled
  const items = linked.map((identity): Item => {
    const { identity_id, provider, created_at, identity_data } = identity
    const label = identityLabel(ctx, String(provider))
    const name = Object(identity_data).email ?? ''
    return {
      title: label,
      lines: [
        html`${name === '' ? '' : html`<bdi>${name}</bdi> · `}${words('account.linked_on', { date: dayOf(ctx, created_at) })}`,
      ],
      actions:
        canLink && all.length > 1
          ? smallLink(
              address(`/pages/account/identities/${identity_id}/unlink`),
              words('account.identity_unlink'),
              label,
            )
          : '',
    }
  })
  const free = waysOf(ctx).providers.filter(({ name }) => !linked.some(({ provider }) => provider === name))
  const buttons = canLink
    ? free.map(({ name, label }) =>
        smallButton(
          ctx,
          `/pages/account/identities/${name}/link`,
          words('account.identity_link', { provider: label }),
          '',
        ),
      )
    : []
  if (items.length === 0 && buttons.length === 0) return ''
  return panel(
    words('account.identities'),
    words('account.identities_text'),
    itemList(items, words('account.identities_none')),
    buttons.length > 0 ? buttons : '',
  )
}
