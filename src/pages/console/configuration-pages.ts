// How the server is configured: every variable, the hooks with their last calls, and the keys.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import type { Html, OperatorCtx, PageReply } from '../page.ts'
import { ago, ask, consoleView, facts, objectOf, panel, pathOf, refusedView, tag, textOf } from './console-view.ts'
import { type Column, filterForm, type Row, table } from './tables.ts'

/** GET /console/settings. */
export async function settingsPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/settings')
  if (!answer.ok) return refusedView(ctx, 'settings', words('console.nav_settings'), answer)
  const body = objectOf(answer)
  const q = (ctx.query.get('q') ?? '').trim().toLowerCase()
  const all = listOf(body.settings)
  const names = [...new Set(all.map((row) => textOf(row.area)))]
  const chosen = names.find((name) => name === ctx.query.get('area')) ?? ''
  // All of them would be a long page: it shows what is set, an area, or what is searched for.
  const isShown = (row: Row) => (chosen === '' ? q !== '' || row.is_set === true : row.area === chosen)
  const isFound = (row: Row) =>
    `${textOf(row.names)} ${textOf(row.about)} ${textOf(row.area)}`.toLowerCase().includes(q)
  const rows = all.filter((row) => isShown(row) && (q === '' || isFound(row))).slice(0, 200)
  const columns = settingColumns(ctx)
  const areas = names.filter((name) => rows.some((row) => row.area === name))
  const warnings = Array.isArray(body.warnings) ? body.warnings.map(textOf) : []
  const filters = [
    { name: 'q', label: words('console.settings_search'), type: 'search' as const },
    {
      name: 'area',
      label: words('console.settings_shown'),
      any: words('console.settings_set'),
      options: names.map((name) => [name, name] as const),
    },
  ]
  return consoleView(ctx, {
    section: 'settings',
    title: words('console.nav_settings'),
    lead: words('console.settings_text'),
    body: html`${warnings.length > 0 ? panel(words('console.warnings'), html`<ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`) : ''}
${filterForm(ctx, pathOf('settings'), filters)}
<div class="even">${areas.map((area) => html`<h2>${area}</h2>${table(ctx, { caption: area, columns, rows: rows.filter((row) => row.area === area), none: '' })}`)}
</div>${rows.length === 0 ? html`<p class="dim">${words('console.none')}</p>` : ''}`,
  })
}

const settingColumns = ({ words }: OperatorCtx): Column[] => [
  {
    label: words('console.column_variable'),
    value: (row) =>
      html`<code>${textOf(row.name)}</code>${row.pending ? html` ${tag(words('console.pending'))}` : ''}<br><span class="dim small">${textOf(row.about)}</span>`,
  },
  { label: words('console.column_value'), value: (row) => shownValue(row) },
  {
    label: words('console.column_source'),
    value: (row) => (row.is_set ? words('console.source_variable') : words('console.source_default')),
  },
  { label: words('console.column_default'), value: (row) => html`<code>${textOf(row.fallback)}</code>`, minor: true },
]

const shownValue = (row: Row): Html => {
  const value = textOf(row.value)
  return html`<code>${value.length > 200 ? `${value.slice(0, 200)}…` : value}</code>`
}

/** GET /console/hooks. */
export async function hooksPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/hooks')
  if (!answer.ok) return refusedView(ctx, 'hooks', words('console.nav_hooks'), answer)
  const columns: Column[] = [
    { label: words('console.column_when'), value: (row) => ago(ctx, row.at) },
    {
      label: words('console.column_outcome'),
      value: (row) =>
        row.outcome === 'answered'
          ? tag(words('console.answered'), 'good')
          : tag(`${textOf(row.status)} ${textOf(row.error_code)}`.trim() || words('console.failed'), 'bad'),
    },
    { label: words('console.column_duration'), value: (row) => `${textOf(row.duration_ms)} ms`, number: true },
    { label: words('console.column_details'), value: (row) => textOf(row.message), minor: true },
  ]
  const parts = listOf(objectOf(answer).hooks).map((hook) => {
    const calls = listOf(hook.calls)
    const about = facts([
      [words('console.column_state'), hook.enabled ? tag(words('console.on'), 'good') : tag(words('console.off'))],
      [words('console.column_address'), hook.enabled ? html`<code>${textOf(hook.uri)}</code>` : ''],
      [words('console.signatures'), hook.enabled ? textOf(hook.signed) : ''],
    ])
    return panel(
      textOf(hook.name),
      html`${about}${hook.enabled ? table(ctx, { caption: textOf(hook.name), columns, rows: calls, none: words('console.no_calls') }) : ''}`,
    )
  })
  return consoleView(ctx, {
    section: 'hooks',
    title: words('console.nav_hooks'),
    lead: words('console.hooks_text'),
    body: html`${parts}`,
  })
}

const rotations = ['none', 'prepared', 'ending'] as const

/** GET /console/keys. */
export async function keysPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/keys')
  if (!answer.ok) return refusedView(ctx, 'keys', words('console.nav_keys'), answer)
  const body = objectOf(answer)
  const yes = (value: unknown) => (value === true ? tag(words('console.yes'), 'good') : words('console.no'))
  const columns: Column[] = [
    {
      label: words('console.column_key'),
      value: (row) => html`<code>${textOf(row.kid) || words('console.key_nameless')}</code>`,
    },
    { label: words('console.column_algorithm'), value: (row) => textOf(row.alg) },
    { label: words('console.column_signs'), value: (row) => yes(row.signs) },
    { label: words('console.column_checks'), value: (row) => yes(row.checks) },
    { label: words('console.column_published'), value: (row) => yes(row.published) },
  ]
  const rotation = rotations.find((one) => one === body.rotation) ?? 'none'
  const ids = Array.isArray(body.encryption_keys) ? body.encryption_keys.map(textOf).join(', ') : ''
  return consoleView(ctx, {
    section: 'keys',
    title: words('console.nav_keys'),
    lead: words(`console.rotation_${rotation}`),
    body: html`${panel(words('console.keys_tokens'), table(ctx, { caption: words('console.keys_tokens'), columns, rows: listOf(body.keys), none: words('console.none') }))}
${panel(
  words('console.keys_encryption'),
  facts([
    [words('console.column_state'), body.encryption ? tag(words('console.on'), 'good') : tag(words('console.off'))],
    [words('console.encrypts'), textOf(body.encryption_key)],
    [words('console.decrypts'), ids],
    [
      words('console.server_key'),
      body.has_server_key ? words('console.server_key_own') : words('console.server_key_derived'),
    ],
  ]),
)}<p class="dim">${words('console.rotation_how')}</p>`,
  })
}
