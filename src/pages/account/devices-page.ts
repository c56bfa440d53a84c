// /pages/account/devices: where a person is signed in, on what, and how that ends.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { goTo, type Html, type PageReply, type PersonCtx } from '../page.ts'
import { deviceName, placeName } from '../parts/device-name.ts'
import { buttonLink } from '../parts/form.ts'
import { accountView, confirmView, type Item, itemList, panel, smallButton } from './account-view.ts'
import { afterAction } from './after-action.ts'
import { agoOf, dayOf } from './times.ts'
import { wayWords } from './way-words.ts'

const home = '/pages/account/devices'

/** GET. */
export async function devicesPage(ctx: PersonCtx): Promise<PageReply> {
  const { words, address } = ctx
  const { ok, body } = await ctx.api('GET', '/user/sessions', { as: ctx.person.token })
  if (!ok) throw new Error('the sessions of a person could not be read')
  const { sessions, trusted_devices } = Object(body)
  const all = listOf(sessions)
  all.sort((a, b) => Number(b.is_current) - Number(a.is_current))
  const others = html`${buttonLink(address(`${home}/others`), words('account.sign_out_others'))}${buttonLink(address(`${home}/all`), words('account.sign_out_all'))}`
  return accountView(ctx, {
    section: 'devices',
    title: words('account.devices_title'),
    lead: words('account.devices_text'),
    body: html`<section class="panel">${itemList(
      all.map((session) => sessionItem(ctx, session)),
      '',
    )}<div class="buttons">${others}</div></section>${trustedPanel(ctx, trusted_devices)}`,
  })
}

function sessionItem(ctx: PersonCtx, session: Record<string, unknown>): Item {
  const { words } = ctx
  const { id, user_agent, ip, created_at, refreshed_at, methods, is_current, application } = session
  const name = deviceName(ctx, text(user_agent))
  const place = placeName(ctx, text(ip))
  const used = refreshed_at ? words('account.session_used', { ago: agoOf(ctx, refreshed_at) }) : ''
  const ways = wayWords(ctx, Array.isArray(methods) ? methods : [])
  return {
    // The name is a sentence of the page's language, which reads in its direction whatever it begins with.
    title: application ? html`<bdi>${application}</bdi> · ${name}` : html`${name}`,
    ...(is_current === true && { tag: words('account.this_device') }),
    lines: [
      html`<bdi>${words('account.session_since', { date: dayOf(ctx, created_at), place })}</bdi>`,
      html`${[ways === '' ? '' : words('account.session_by', { methods: ways }), used].filter((part) => part !== '').join(' · ')}`,
    ],
    actions: is_current === true ? '' : smallButton(ctx, `${home}/${id}/sign-out`, words('account.sign_out_one'), name),
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function trustedPanel(ctx: PersonCtx, listed: unknown): Html | '' {
  const { words } = ctx
  const all = listOf(listed)
  if (all.length === 0) return ''
  const items = all.map(({ id, user_agent, created_at, expires_at }): Item => {
    const name = deviceName(ctx, text(user_agent))
    const times = { date: dayOf(ctx, created_at), end: dayOf(ctx, expires_at) }
    return {
      title: html`${name}`,
      lines: [words('account.trusted_until', times)],
      actions: smallButton(ctx, `${home}/${id}/forget`, words('account.trusted_remove'), name),
    }
  })
  return panel(words('account.trusted_title'), words('account.trusted_text'), itemList(items, ''))
}

const endOne = (ctx: PersonCtx) =>
  ctx.api('DELETE', `/user/sessions/${encodeURIComponent(ctx.path_params.id ?? '')}`, { as: ctx.person.token })

/** POST …/:id/sign-out. */
export const signOutDevice = async (ctx: PersonCtx): Promise<PageReply> =>
  afterAction(ctx, await endOne(ctx), home, ctx.words('account.sign_out_done'))

/** POST …/:id/forget. */
export const forgetDevice = async (ctx: PersonCtx): Promise<PageReply> =>
  afterAction(ctx, await endOne(ctx), home, ctx.words('account.trusted_removed'))

/** GET …/others. */
export const othersPage = (ctx: PersonCtx): PageReply =>
  confirmView(ctx, {
    section: 'devices',
    title: ctx.words('account.sign_out_others_title'),
    text: ctx.words('account.sign_out_others_text'),
    label: ctx.words('account.sign_out_others'),
  })

/** POST …/others. */
export async function othersForm(ctx: PersonCtx): Promise<PageReply> {
  const answer = await ctx.api('POST', '/logout?scope=others', { as: ctx.person.token })
  return afterAction(ctx, answer, home, ctx.words('account.sign_out_others_done'))
}

/** GET …/all. */
export const everywherePage = (ctx: PersonCtx): PageReply =>
  confirmView(ctx, {
    section: 'devices',
    title: ctx.words('account.sign_out_all_title'),
    text: ctx.words('account.sign_out_all_text'),
    label: ctx.words('account.sign_out_all'),
  })

/** POST …/all: this browser too. */
export async function everywhereForm(ctx: PersonCtx): Promise<PageReply> {
  const answer = await ctx.api('POST', '/logout?scope=global', { as: ctx.person.token })
  if (!answer.ok) return afterAction(ctx, answer, home, '')
  ctx.set_handle('')
  return goTo('/pages/sign-in', { kind: 'success', text: ctx.words('account.sign_out_all_done') })
}
