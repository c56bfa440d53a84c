// Lists as tables: columns from data, a search with filters above, and the way to the next page beneath.
import { html } from 'hono/html'
import type { Html, OperatorCtx } from '../page.ts'
import { csrfField } from '../parts/form.ts'

/** A row of a list, as the API has it. */
export type Row = Record<string, unknown>

/** A column: its heading, and what it shows of a row. */
export interface Column {
  label: string
  value(row: Row): unknown
  /** Hidden where there is little room. */
  minor?: boolean
  number?: boolean
}

/** Boxes before the rows, and what is done with those that are ticked. */
export interface Bulk {
  id(row: Row): string
  name(row: Row): string
  /** Where the form goes, and its buttons. */
  path: string
  buttons: unknown
}

/** A table; words where there are no rows. */
export function table(
  ctx: OperatorCtx,
  {
    caption,
    columns,
    rows,
    none,
    bulk,
  }: { caption: string; columns: readonly Column[]; rows: readonly Row[]; none: string; bulk?: Bulk },
): Html {
  if (rows.length === 0) return html`<p class="none dim">${none}</p>`
  const cls = (column: Column) => [column.minor ? 'minor' : '', column.number ? 'number' : ''].join(' ').trim()
  const head = columns.map((column) => html`<th scope="col" class="${cls(column)}">${column.label}</th>`)
  const box = (row: Row) =>
    bulk
      ? html`<td class="box"><input type="checkbox" name="id" value="${bulk.id(row)}" aria-label="${ctx.words('console.select_row', { name: bulk.name(row) })}"></td>`
      : ''
  const lines = rows.map(
    (
      row,
    ) => html`<tr>${box(row)}${columns.map((column) => html`<td class="${cls(column)}">${column.value(row)}</td>`)}</tr>
`,
  )
  const all = bulk
    ? html`<th class="box" scope="col"><input type="checkbox" data-all aria-label="${ctx.words('console.select_all')}"></th>`
    : ''
  const body = html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption class="hidden">${caption}</caption><thead><tr>${all}${head}</tr></thead><tbody>
${lines}</tbody></table></div>`
  if (!bulk) return body
  return html`<form method="post" action="${ctx.address(bulk.path)}">${csrfField(ctx)}${body}<div class="bulk">${bulk.buttons}</div></form>`
}

/** A choice of a filter. */
export interface Filter {
  name: string
  label: string
  /** Values with their labels; without them a text, or a date where it says so. */
  options?: readonly (readonly [value: string, label: string])[]
  /** What no choice is called. */
  any?: string
  type?: 'search' | 'text' | 'date'
  placeholder?: string
}

/** A form that filters a list: a GET, so that what was found has an address; the search is focused by the key `/`. */
export function filterForm(
  ctx: OperatorCtx,
  path: string,
  filters: readonly Filter[],
  kept: Record<string, string> = {},
): Html {
  const given = (name: string) => ctx.query.get(name) ?? ''
  const fields = filters.map(({ name, label, options, any, type = 'text', placeholder }) => {
    const id = `filter-${name}`
    const input = options
      ? html`<select id="${id}" name="${name}"><option value="">${any ?? ctx.words('console.any')}</option>${options.map(
          ([value, text]) =>
            html`<option value="${value}"${value === given(name) ? html` selected` : ''}>${text}</option>`,
        )}</select>`
      : html`<input id="${id}" name="${name}" type="${type}" value="${given(name)}"${placeholder ? html` placeholder="${placeholder}"` : ''}${type === 'search' ? html` data-search aria-keyshortcuts="/"` : ''}>`
    return html`<div class="${type === 'search' ? 'search' : ''}"><label for="${id}">${label}</label>${input}</div>`
  })
  const hidden = Object.entries(kept).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return html`<form class="filters" method="get" action="${ctx.address(path)}" role="search">${fields}${hidden}<div class="go"><button class="quiet">${ctx.words('console.apply')}</button>${
    filters.some(({ name }) => given(name) !== '')
      ? html`<a href="${ctx.address(path)}">${ctx.words('console.clear')}</a>`
      : ''
  }</div></form>`
}

/** Filters that are filled in, as the API takes them; the names of the pages are those of the API. */
export function chosen(ctx: OperatorCtx, filters: readonly Filter[]): Record<string, string> {
  const values = filters.map(({ name, options }): [string, string] => {
    const value = (ctx.query.get(name) ?? '').trim().slice(0, 255)
    return [name, options && !options.some(([known]) => known === value) ? '' : value]
  })
  return Object.fromEntries(values.filter(([, value]) => value !== ''))
}

/** Links to the page before, which the browser knows, and to the one behind a cursor or number. */
export function pager(ctx: OperatorCtx, path: string, next: Record<string, string> | null): Html | '' {
  const first = ctx.query.has('cursor') || ctx.query.has('page')
  const to = (changes: Record<string, string>) => {
    const query = new URLSearchParams(ctx.query)
    for (const name of ['cursor', 'page', 'live']) query.delete(name)
    for (const [name, value] of Object.entries(changes)) query.set(name, value)
    return ctx.address(query.size > 0 ? `${path}?${query}` : path)
  }
  if (!first && !next) return ''
  return html`<nav class="pager" aria-label="${ctx.words('console.pages')}">${first ? html`<a href="${to({})}">${ctx.words('console.first_page')}</a>` : ''}${next ? html`<a rel="next" href="${to(next)}">${ctx.words('console.next_page')}</a>` : ''}</nav>`
}
