// The pages of a kind of thing: its list, a form to make and one to change it, and its removal.
import { html } from 'hono/html'
import { listOf } from '../list-of.ts'
import { type ApiAnswer, formRows, goTo, type OperatorCtx, type Page, type PageReply, page } from '../page.ts'
import { button, buttonLink, checkField, inputField, postForm, selectField, textField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { actionDone, actionView } from './action-page.ts'
import { ask, consoleView, objectOf, refusalOf, refusedView, type Section, textOf } from './console-view.ts'
import { type ResourceField, readFields, shownField } from './resource.ts'
import { type Column, type Row, table } from './tables.ts'

/** A kind of thing that operators manage. */
export interface Resource {
  section: Section
  /** Where its pages are, and its endpoints. */
  path: string
  api: string
  title(ctx: OperatorCtx): string
  lead?(ctx: OperatorCtx): string
  /** The rows of the API's list. */
  rows(body: Row): unknown
  id(row: Row): string
  name(row: Row): string
  columns(ctx: OperatorCtx): Column[]
  fields(ctx: OperatorCtx, row: Row | null): ResourceField[]
  /** What is shown once after it was made. */
  made?(ctx: OperatorCtx, row: Row): unknown
  /** What can be done with one besides. */
  extras?(ctx: OperatorCtx, row: Row): unknown
  /** What stands beneath the list. */
  beneath?(ctx: OperatorCtx): Promise<unknown> | unknown
}

/** Its list, for a page of its own or a part of another. */
export async function resourceList(
  ctx: OperatorCtx,
  resource: Resource,
): Promise<{ answer: ApiAnswer; list: unknown }> {
  const { words } = ctx
  const answer = await ask(ctx, 'GET', resource.api)
  const columns: Column[] = resource.columns(ctx).map((column, at) => ({
    ...column,
    value: (row) =>
      at === 0
        ? html`<a href="${ctx.address(`${resource.path}/${encodeURIComponent(resource.id(row))}`)}">${column.value(row)}</a>`
        : column.value(row),
  }))
  const rows = listOf(resource.rows(objectOf(answer)))
  return { answer, list: table(ctx, { caption: resource.title(ctx), columns, rows, none: words('console.none') }) }
}

async function listPage(ctx: OperatorCtx, resource: Resource): Promise<PageReply> {
  const { answer, list } = await resourceList(ctx, resource)
  if (!answer.ok) return refusedView(ctx, resource.section, resource.title(ctx), answer)
  const lead = resource.lead?.(ctx)
  return consoleView(ctx, {
    section: resource.section,
    title: resource.title(ctx),
    ...(lead && { lead }),
    actions: buttonLink(ctx.address(`${resource.path}/new`), ctx.words('console.add'), 'primary'),
    body: html`${list}${(await resource.beneath?.(ctx)) ?? ''}`,
  })
}

function inputOf(ctx: OperatorCtx, field: ResourceField, row: Row | null, errors: readonly FormError[]) {
  const { name, label, kind, options = [], initial } = field
  const sent = ctx.method === 'POST' ? ctx.form[name] : undefined
  const value = sent ?? shownField(field, row ?? { [name]: initial })
  const hint = field.hint === undefined ? {} : { hint: field.hint }
  if (kind === 'check') {
    const checked =
      ctx.method === 'POST' ? sent === 'true' : (row ? (field.read ? field.read(row) : row[name]) : initial) === true
    return checkField({ name, label, checked, ...hint })
  }
  if (kind === 'choice')
    return selectField({ name, label, value, ...hint, options: options.map((one) => [one, one] as const) }, errors)
  if (kind === 'text') return inputField({ name, label, value, ...hint, autocomplete: 'off' }, errors)
  if (kind === 'secret')
    return inputField({ name, label, type: 'password', ...hint, autocomplete: 'new-password' }, errors)
  return textField({ name, label, value, ...hint, rows: kind === 'long' ? 8 : 3, code: true }, errors)
}

function formPage(ctx: OperatorCtx, resource: Resource, row: Row | null, errors: readonly FormError[] = []): PageReply {
  const { words } = ctx
  const fields = resource.fields(ctx, row).filter(({ only_new }) => !only_new || row === null)
  const inputs = fields.map((field) => inputOf(ctx, field, row, errors))
  const buttons = html`<div class="buttons">${button(words(row ? 'console.save' : 'console.add'))}${buttonLink(ctx.address(resource.path), words('parts.cancel'))}</div>`
  const remove = row
    ? html`<p><a class="danger" href="${ctx.address(`${resource.path}/${encodeURIComponent(resource.id(row))}/remove`)}">${words('console.remove')}</a></p>`
    : ''
  return consoleView(ctx, {
    section: resource.section,
    title: row ? resource.name(row) : `${resource.title(ctx)}: ${words('console.add')}`,
    errors,
    body: html`<div class="panel narrow">${postForm(ctx, ctx.path, html`${inputs}${buttons}`)}</div>${row ? (resource.extras?.(ctx, row) ?? '') : ''}${remove}`,
  })
}

const errorOf = (ctx: OperatorCtx, field: string): FormError[] => [
  { field, text: ctx.words('console.metadata_wrong', { name: field }) },
]

async function make(ctx: OperatorCtx, resource: Resource): Promise<PageReply> {
  const read = readFields(ctx, resource.fields(ctx, null), true)
  if ('wrong' in read) return formPage(ctx, resource, null, errorOf(ctx, read.wrong))
  const answer = await ask(ctx, 'POST', resource.api, read.body)
  if (!answer.ok) return formPage(ctx, resource, null, [{ text: refusalOf(ctx, answer) }])
  const row = objectOf(answer)
  const shown = resource.made?.(ctx, row)
  if (!shown)
    return goTo(resource.path, { kind: 'success', text: ctx.words('console.added', { name: resource.name(row) }) })
  return consoleView(ctx, {
    section: resource.section,
    title: ctx.words('console.added', { name: resource.name(row) }),
    body: html`<div class="panel narrow">${shown}<p>${buttonLink(ctx.address(resource.path), resource.title(ctx))}</p></div>`,
  })
}

/** Shows or does something with the thing of the path. */
async function withRow(
  ctx: OperatorCtx,
  resource: Resource,
  work: (row: Row, api: string) => Promise<PageReply> | PageReply,
): Promise<PageReply> {
  const api = `${resource.api}/${encodeURIComponent(ctx.path_params.id ?? '')}`
  const answer = await ask(ctx, 'GET', api)
  if (!answer.ok) return refusedView(ctx, resource.section, resource.title(ctx), answer)
  return work(objectOf(answer), api)
}

async function change(ctx: OperatorCtx, resource: Resource, row: Row, api: string): Promise<PageReply> {
  const read = readFields(ctx, resource.fields(ctx, row), false)
  if ('wrong' in read) return formPage(ctx, resource, row, errorOf(ctx, read.wrong))
  const answer = await ask(ctx, 'PUT', api, read.body)
  if (!answer.ok) return formPage(ctx, resource, row, [{ text: refusalOf(ctx, answer) }])
  return goTo(resource.path, { kind: 'success', text: ctx.words('console.changed', { name: resource.name(row) }) })
}

const removal = (ctx: OperatorCtx, resource: Resource, row: Row) => ({
  section: resource.section,
  title: `${ctx.words('console.remove')}: ${resource.name(row)}`,
  text: ctx.words('console.remove_resource_text', { name: resource.name(row) }),
  label: ctx.words('console.remove'),
  danger: true,
  back: resource.path,
})

/** The rows of all its pages; without `list` the list stands on another one. */
export function resourcePages(resource: Resource, { list = true } = {}): Page[] {
  const one = `${resource.path}/:id`
  return [
    ...(list ? [page('GET', resource.path, 'operator', (ctx) => listPage(ctx, resource))] : []),
    ...formRows(
      'operator',
      `${resource.path}/new`,
      (ctx) => formPage(ctx, resource, null),
      (ctx) => make(ctx, resource),
      { max_bytes: 1_048_576 },
    ),
    ...formRows(
      'operator',
      one,
      (ctx) => withRow(ctx, resource, (row) => formPage(ctx, resource, row)),
      (ctx) => withRow(ctx, resource, (row, api) => change(ctx, resource, row, api)),
      { max_bytes: 1_048_576 },
    ),
    ...formRows(
      'operator',
      `${one}/remove`,
      (ctx) => withRow(ctx, resource, (row) => actionView(ctx, removal(ctx, resource, row))),
      (ctx) =>
        withRow(ctx, resource, async (row, api) =>
          actionDone(
            ctx,
            removal(ctx, resource, row),
            await ask(ctx, 'DELETE', api),
            ctx.words('console.removed', { name: textOf(resource.name(row)) }),
          ),
        ),
    ),
  ]
}
