// Forms: one that posts with its token, fields with label, hint and error, and buttons.
import { html } from 'hono/html'
import { tokenField } from '../form-token.ts'
import type { Html, PageCtx } from '../page.ts'
import type { FormError } from './notice.ts'

/** The hidden field with the form token. */
export const csrfField = (ctx: PageCtx): Html => html`<input type="hidden" name="${tokenField}" value="${ctx.csrf}">`

/** A hidden field. */
export const hiddenField = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`

/** A form that posts to a page, a path below the base. */
export const postForm = (
  ctx: PageCtx,
  path: string,
  body: unknown,
  { id, files = false, className, target }: { id?: string; files?: boolean; className?: string; target?: string } = {},
): Html =>
  html`<form method="post" action="${ctx.address(path)}" novalidate${attribute('id', id)}${attribute('class', className)}${attribute('target', target)}${attribute('enctype', files ? 'multipart/form-data' : undefined)}>${csrfField(ctx)}${body}</form>`

/** What a field has; `value` is never given for secrets. */
export interface Field {
  name: string
  label: string
  type?: 'text' | 'email' | 'password' | 'tel' | 'search' | 'number' | 'url' | 'date' | 'datetime-local' | 'file'
  value?: string | undefined
  hint?: unknown
  autocomplete?: string
  inputmode?: 'numeric' | 'tel' | 'email' | 'text' | 'decimal'
  autofocus?: boolean
  required?: boolean
  minlength?: number
  maxlength?: number
  pattern?: string
  placeholder?: string
  /** Shown in a type of fixed width, as codes are. */
  code?: boolean
  accept?: string
  /** Shown beneath the input within the field. */
  after?: unknown
}

const attribute = (name: string, value: string | number | undefined): Html | '' =>
  value === undefined || value === '' ? '' : html` ${name}="${value}"`
const flag = (name: string, isOn: boolean | undefined): Html | '' => (isOn ? html` ${name}` : '')

/** The ids of a field's hint and error, as `aria-describedby` names them. */
const describedBy = (name: string, hint: unknown, error: string | undefined): string =>
  [hint ? `${name}-hint` : '', error === undefined ? '' : `${name}-error`].filter((id) => id !== '').join(' ')

const hintAndError = (name: string, hint: unknown, error: string | undefined): Html =>
  html`${hint ? html`<div class="hint" id="${name}-hint">${hint}</div>` : ''}${error === undefined ? '' : html`<p class="error" id="${name}-error">${error}</p>`}`

const errorOf = (errors: readonly FormError[], name: string): string | undefined =>
  errors.find(({ field }) => field === name)?.text

/** A line to fill in, with its label, hint and what is wrong with it; its id is its name. */
export function inputField(field: Field, errors: readonly FormError[] = []): Html {
  const { name, label, type = 'text', hint } = field
  const error = errorOf(errors, name)
  return html`<div class="field${error === undefined ? '' : ' wrong'}"><label for="${name}">${label}</label>
${hintAndError(name, hint, error)}<input id="${name}" name="${name}" type="${type}"${attribute('value', field.value)}${attribute('class', field.code ? 'code' : undefined)}${attribute('autocomplete', field.autocomplete)}${attribute('inputmode', field.inputmode)}${attribute('minlength', field.minlength)}${attribute('maxlength', field.maxlength)}${attribute('pattern', field.pattern)}${attribute('placeholder', field.placeholder)}${attribute('accept', field.accept)}${flag('required', field.required)}${flag('autofocus', field.autofocus)}${type === 'email' || field.code ? html` spellcheck="false" autocapitalize="none"` : ''}${attribute('aria-describedby', describedBy(name, hint, error))}${error === undefined ? '' : html` aria-invalid="true"`}>${field.after ?? ''}</div>`
}

/** Lines of text to fill in. */
export function textField(
  {
    name,
    label,
    value = '',
    hint,
    rows = 6,
    code = false,
  }: Pick<Field, 'name' | 'label' | 'value' | 'hint' | 'code'> & { rows?: number },
  errors: readonly FormError[] = [],
): Html {
  const error = errorOf(errors, name)
  return html`<div class="field${error === undefined ? '' : ' wrong'}"><label for="${name}">${label}</label>
${hintAndError(name, hint, error)}<textarea id="${name}" name="${name}" rows="${rows}"${attribute('class', code ? 'code' : undefined)}${code ? html` spellcheck="false"` : ''}${attribute('aria-describedby', describedBy(name, hint, error))}${error === undefined ? '' : html` aria-invalid="true"`}>
${value}</textarea></div>`
}

/** One of some choices. */
export function selectField(
  {
    name,
    label,
    value = '',
    hint,
    options,
  }: Pick<Field, 'name' | 'label' | 'value' | 'hint'> & {
    options: readonly (readonly [value: string, label: string])[]
  },
  errors: readonly FormError[] = [],
): Html {
  const error = errorOf(errors, name)
  return html`<div class="field${error === undefined ? '' : ' wrong'}"><label for="${name}">${label}</label>
${hintAndError(name, hint, error)}<select id="${name}" name="${name}"${attribute('aria-describedby', describedBy(name, hint, error))}>${options.map(
    ([option, text]) => html`<option value="${option}"${flag('selected', option === value)}>${text}</option>`,
  )}</select></div>`
}

/** A box to tick. */
export const checkField = ({
  name,
  label,
  value = 'true',
  checked = false,
  hint,
}: Pick<Field, 'name' | 'label' | 'value' | 'hint'> & { checked?: boolean }): Html =>
  html`<div class="field check"><input type="checkbox" id="${name}" name="${name}" value="${value}"${flag('checked', checked)}${attribute('aria-describedby', describedBy(name, hint, undefined))}><label for="${name}">${label}</label>${hintAndError(name, hint, undefined)}</div>`

/** A button of a form; `danger` for what cannot be undone. */
export const button = (
  label: unknown,
  { kind = 'primary', name, value }: { kind?: 'primary' | 'quiet' | 'danger'; name?: string; value?: string } = {},
): Html => html`<button class="${kind}"${attribute('name', name)}${attribute('value', value)}>${label}</button>`

/** A link that looks like a button; for what changes nothing. */
export const buttonLink = (href: string, label: unknown, kind: 'primary' | 'quiet' = 'quiet'): Html =>
  html`<a class="button ${kind}" href="${href}">${label}</a>`
