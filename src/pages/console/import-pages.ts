// Accounts, in and out: a file is taken, its import is watched, and all accounts can be taken away.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { goTo, type OperatorCtx, type PageReply } from '../page.ts'
import { button, checkField, inputField, postForm, selectField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import {
  ago,
  ask,
  consoleView,
  facts,
  objectOf,
  panel,
  pathOf,
  refusalOf,
  refusedView,
  tag,
  textOf,
} from './console-view.ts'
import { type Column, type Row, table } from './tables.ts'

/** Bytes of a file that the console takes; larger ones are for the shell. */
export const mostBytes = 20_000_000
/** Characters of a part of it, as the API takes them. */
const partSize = 400_000
/** Seconds between two looks at an import that runs. */
const look_s = 1

/** GET /console/imports. */
export const importsPage = (ctx: OperatorCtx): Promise<PageReply> => showImports(ctx)

const flags = ['dry_run', 'upsert', 'ignore_unknown', 'without_passwords', 'without_factors'] as const

async function showImports(ctx: OperatorCtx, errors: readonly FormError[] = []): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', '/console/imports')
  if (!answer.ok) return refusedView(ctx, 'imports', words('console.nav_imports'), answer)
  const body = objectOf(answer)
  const presets = listOf(body.presets).map((row) => [textOf(row.name), textOf(row.title)] as const)
  const columns: Column[] = [
    {
      label: words('console.column_file'),
      value: (row) =>
        html`<a href="${ctx.address(`${pathOf('imports')}/${textOf(row.id)}`)}">${textOf(row.file_name)}</a>`,
    },
    { label: words('console.column_state'), value: (row) => stateOf(ctx, row) },
    { label: words('console.column_lines'), value: (row) => `${textOf(row.met)} / ${textOf(row.total)}`, number: true },
    { label: words('console.column_who'), value: (row) => textOf(row.operator), minor: true },
    { label: words('console.column_when'), value: (row) => ago(ctx, row.started_at) },
  ]
  const fields = html`${inputField({ name: 'file', label: words('console.import_file'), type: 'file', accept: '.ndjson,.jsonl,.json,.csv,.tsv', hint: words('console.import_file_hint') }, errors)}
${selectField({ name: 'preset', label: words('console.import_preset'), value: ctx.form.preset ?? 'postern', options: presets })}
<fieldset><legend>${words('console.import_choices')}</legend>${flags.map((flag) => checkField({ name: flag, label: words(`console.import_${flag}`), checked: ctx.form[flag] === 'true' }))}</fieldset>
${button(words('console.import_start'))}`
  const hashes = checkField({
    name: 'with_hashes',
    label: words('console.export_hashes'),
    hint: words('console.export_hashes_hint'),
  })
  return consoleView(ctx, {
    section: 'imports',
    title: words('console.nav_imports'),
    errors,
    body: html`<div class="pair">${panel(words('console.import_title'), postForm(ctx, pathOf('imports'), fields, { files: true }))}
${panel(words('console.export_title'), html`<p class="dim">${words('console.export_text')}</p>${postForm(ctx, '/console/export', html`${hashes}${button(words('console.export_start'), { kind: 'quiet' })}`)}`)}</div>
${panel(words('console.imports_before'), table(ctx, { caption: words('console.imports_before'), columns, rows: listOf(body.imports), none: words('console.none') }))}`,
  })
}

function stateOf({ words }: OperatorCtx, row: Row) {
  if (row.problem) return tag(words('console.import_failed'), 'bad')
  if (row.ended_at)
    return row.dry_run ? tag(words('console.import_checked'), 'good') : tag(words('console.import_done'), 'good')
  return row.is_lost ? tag(words('console.import_lost'), 'bad') : tag(words('console.import_running'), 'warn')
}

/** POST /console/imports: hands the file over in parts, and begins. */
export async function takeImport(ctx: OperatorCtx): Promise<PageReply> {
  const { words, form, files } = ctx
  const { file } = files
  if (!file || file.size === 0) return showImports(ctx, [{ field: 'file', text: words('console.import_no_file') }])
  const text = textIn(await file.arrayBuffer())
  if (text === null) return showImports(ctx, [{ field: 'file', text: words('console.import_not_text') }])
  const begun = await ask(ctx, 'POST', '/console/imports')
  const id = textOf(objectOf(begun).id)
  const path = `/console/imports/${id}`
  for (let at = 0; at < text.length; at += partSize) {
    const answer = await ask(ctx, 'POST', `${path}/parts`, { content: text.slice(at, at + partSize) })
    if (!answer.ok) return showImports(ctx, [{ field: 'file', text: refusalOf(ctx, answer) }])
  }
  const chosen = Object.fromEntries(flags.map((flag) => [flag, form[flag] === 'true']))
  const file_name = file.name.replace(/[^\w. -]/g, '_').slice(0, 200) || 'file'
  const started = await ask(ctx, 'POST', `${path}/start`, { file_name, preset: form.preset ?? '', ...chosen })
  return started.ok
    ? goTo(`${pathOf('imports')}/${id}`)
    : showImports(ctx, [{ field: 'file', text: refusalOf(ctx, started) }])
}

/** The text of a file in UTF-8, without a byte order mark; null for bytes that are not. */
function textIn(bytes: ArrayBuffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

/** GET /console/imports/:id. */
export async function importPage(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', `/console/imports/${encodeURIComponent(ctx.path_params.id ?? '')}`)
  if (!answer.ok) return refusedView(ctx, 'imports', words('console.nav_imports'), answer)
  const job = objectOf(answer)
  const runs = !job.ended_at && !job.is_lost
  const counts = Object(job.counts) as Row
  const results = listOf(job.results)
  const columns: Column[] = [
    { label: words('console.column_line'), value: (row) => textOf(row.line), number: true },
    {
      label: words('console.column_outcome'),
      value: (row) => tag(textOf(row.outcome), row.outcome === 'failed' ? 'bad' : ''),
    },
    { label: words('console.column_details'), value: (row) => textOf(row.message) },
    { label: words('console.column_code'), value: (row) => html`<code>${textOf(row.code)}</code>`, minor: true },
  ]
  const number = (name: string) => words.number(Number(counts[name] ?? 0))
  return consoleView(ctx, {
    section: 'imports',
    title: textOf(job.file_name),
    ...(runs && { refresh_s: look_s }),
    body: html`<div id="live"${runs ? html` data-live="${look_s}"` : ''}><p>${stateOf(ctx, job)} <progress max="${Math.max(1, Number(job.total))}" value="${textOf(job.met)}" aria-label="${words('console.progress')}"></progress> ${words.number(Number(job.met))} / ${words.number(Number(job.total))}</p>
${job.problem ? html`<p class="notice error">${textOf(job.problem)}</p>` : ''}
${facts([
  [words('console.created'), number('created')],
  [words('console.updated'), number('updated')],
  [words('console.skipped'), number('skipped')],
  [words('console.failed'), number('failed')],
  [words('console.column_who'), textOf(job.operator)],
  [words('console.column_when'), ago(ctx, job.started_at)],
])}
${panel(words('console.import_results'), table(ctx, { caption: words('console.import_results'), columns, rows: results.slice(0, 500), none: words('console.import_all_taken') }))}</div>
<p><a href="${ctx.address(pathOf('imports'))}">${words('console.back_to', { name: words('console.nav_imports') })}</a></p>`,
  })
}

/** POST /console/export. */
export async function exportAccountsPage(ctx: OperatorCtx): Promise<PageReply> {
  const body = { with_hashes: ctx.form.with_hashes === 'true' }
  const response = await ctx.stream('POST', '/console/export', { as: ctx.operator.token, body })
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    return goTo(pathOf('imports'), { kind: 'error', text: ctx.words('errors.failed') })
  }
  return {
    kind: 'file',
    content: response.body,
    content_type: 'application/x-ndjson',
    headers: { 'content-disposition': 'attachment; filename="accounts.ndjson"' },
  }
}
