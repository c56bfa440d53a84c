// Providers: those that are built in with the address to enter there, and those that operators add; each can be tried.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { goTo, type Notice, type OperatorCtx, type PageReply } from '../page.ts'
import { buttonLink } from '../parts/form.ts'
import { ask, consoleView, objectOf, panel, pathOf, refusalOf, refusedView, tag, textOf } from './console-view.ts'
import { resourceList } from './resource-pages.ts'
import { customProviders, testForm } from './resources.ts'
import { type Column, table } from './tables.ts'

/** GET /console/providers. */
export async function providersPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/providers')
  if (!answer.ok) return refusedView(ctx, 'providers', words('console.nav_providers'), answer)
  const body = objectOf(answer)
  const rows = listOf(body.providers).sort((a, b) => Number(b.enabled) - Number(a.enabled))
  const columns: Column[] = [
    { label: words('console.column_name'), value: (row) => html`<strong>${textOf(row.title)}</strong>` },
    {
      label: words('console.column_state'),
      value: (row) => {
        if (!row.enabled) return tag(words('console.off'))
        return row.problem === null ? tag(words('console.on'), 'good') : tag(textOf(row.problem), 'bad')
      },
    },
    { label: words('console.callback'), value: (row) => html`<code>${textOf(row.callback)}</code>` },
    {
      label: words('console.client_ids'),
      value: (row) => (Array.isArray(row.client_ids) ? row.client_ids.map(textOf).join(', ') : ''),
      minor: true,
    },
    { label: words('console.actions'), value: (row) => (row.enabled ? testForm(ctx, textOf(row.name)) : '') },
  ]
  const custom = body.custom_enabled
    ? (await resourceList(ctx, customProviders)).list
    : html`<p class="dim">${words('console.custom_off')}</p>`
  return consoleView(ctx, {
    section: 'providers',
    title: words('console.nav_providers'),
    lead: words('console.providers_text'),
    body: html`${panel(
      words('console.custom_providers'),
      html`<p class="dim">${words('console.callback')}: <code>${textOf(body.custom_callback)}</code></p>${custom}${body.custom_enabled ? html`<p>${buttonLink(ctx.address(`${customProviders.path}/new`), words('console.add'))}</p>` : ''}`,
    )}${panel(words('console.built_in'), table(ctx, { caption: words('console.built_in'), columns, rows, none: words('console.none') }))}`,
  })
}

const verdicts = ['fine', 'not_usable', 'unreachable', 'client_refused', 'unclear'] as const

/** POST /console/providers/test/:name. */
export async function testProviderPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const name = ctx.path_params.name ?? ''
  const back = name.startsWith('custom:') ? `${customProviders.path}/${encodeURIComponent(name)}` : pathOf('providers')
  const answer = await ask(ctx, 'POST', `/console/providers/${encodeURIComponent(name)}/test`)
  if (!answer.ok) return goTo(back, { kind: 'error', text: refusalOf(ctx, answer) })
  const { verdict, detail } = objectOf(answer)
  const found = verdicts.find((one) => one === verdict) ?? 'unclear'
  const notice: Notice = {
    kind: found === 'fine' ? 'success' : found === 'unclear' ? 'info' : 'error',
    text: `${name}: ${words(`console.verdict_${found}`)}${textOf(detail) === '' ? '' : ` (${textOf(detail).slice(0, 200)})`}`,
  }
  return goTo(back, notice)
}
