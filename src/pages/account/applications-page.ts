// /pages/account/applications: what a person let use their account through the OAuth server, and how that ends.
import { html } from 'hono/html'
import { siteOf } from '../hosted/requested.ts'
import { goTo, type PageReply, type PersonCtx } from '../page.ts'
import { accountView, confirmView, type Item, itemList, smallLink } from './account-view.ts'
import { afterAction } from './after-action.ts'
import { dayOf } from './times.ts'

const home = '/pages/account/applications'

/** An application with what it may see, as the API lists it. */
interface Grant {
  client: { id: string; name?: string }
  scopes: string[]
  granted_at: string
}

async function grantsOf(ctx: PersonCtx): Promise<Grant[]> {
  const { ok, body } = await ctx.api('GET', '/user/oauth/grants', { as: ctx.person.token })
  return ok && Array.isArray(body) ? body : []
}

const scopeWords = {
  openid: 'account.scope_openid',
  profile: 'account.scope_profile',
  email: 'account.scope_email',
  phone: 'account.scope_phone',
} as const

function scopesText({ words }: PersonCtx, scopes: readonly string[]): string {
  const texts = scopes
    .filter((scope) => scope !== '')
    .map((scope) => (Object.hasOwn(scopeWords, scope) ? words(scopeWords[scope as keyof typeof scopeWords]) : scope))
  return new Intl.ListFormat(words.locale).format(texts)
}

/** GET. */
export async function applicationsPage(ctx: PersonCtx): Promise<PageReply> {
  const { words, config, address } = ctx
  if (!config.oauth_server_enabled) return goTo('/pages/account')
  const grants = await grantsOf(ctx)
  const sites = await Promise.all(grants.map(({ client }) => siteOf(ctx, client)))
  const items = grants.map(({ client, scopes, granted_at }, at): Item => {
    const { id, name = id } = client
    const site = sites[at] ?? ''
    return {
      title: html`<bdi>${name}</bdi>`,
      lines: [
        html`${site === '' ? '' : html`<bdi>${site}</bdi> · `}${words('account.application_since', { date: dayOf(ctx, granted_at) })}`,
        words('account.application_may', { scopes: scopesText(ctx, scopes) }),
      ],
      actions: smallLink(
        address(`${home}/${encodeURIComponent(id)}/remove`),
        words('account.application_remove'),
        name,
      ),
    }
  })
  return accountView(ctx, {
    section: 'applications',
    title: words('account.applications_title'),
    lead: words('account.applications_text'),
    body: html`<section class="panel">${itemList(items, words('account.applications_none'))}</section>`,
  })
}

/** GET …/:id/remove. */
export async function applicationRemovePage(ctx: PersonCtx): Promise<PageReply> {
  const grant = (await grantsOf(ctx)).find(({ client }) => client.id === ctx.path_params.id)
  if (!grant) return goTo(home)
  return confirmView(ctx, {
    section: 'applications',
    title: ctx.words('account.application_remove_title', { name: grant.client.name ?? grant.client.id }),
    text: ctx.words('account.application_remove_text'),
    label: ctx.words('account.application_remove'),
  })
}

/** POST …/:id/remove. */
export async function applicationRemoveForm(ctx: PersonCtx): Promise<PageReply> {
  const query = new URLSearchParams({ client_id: ctx.path_params.id ?? '' })
  const answer = await ctx.api('DELETE', `/user/oauth/grants?${query}`, { as: ctx.person.token })
  return afterAction(ctx, answer, home, ctx.words('account.application_removed'))
}
