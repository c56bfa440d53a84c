// Forms about a person: a new account, an invitation, what is edited, and metadata as JSON.
import { html } from 'hono/html'
import { jsonObjectOrNull } from '../../json-values.ts'
import { formRows, goTo, type OperatorCtx, type Page, type PageReply, page } from '../page.ts'
import { button, buttonLink, checkField, inputField, postForm } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { ask, consoleView, objectOf, pathOf, refusalOf, refusedView, textOf } from './console-view.ts'
import { nameOf, personPath } from './people-page.ts'
import { showPerson } from './person-page.ts'
import type { Row } from './tables.ts'

/** A form on a page of its own. */
function formView(
  ctx: OperatorCtx,
  {
    title,
    lead,
    fields,
    label,
    back,
    errors = [],
  }: { title: string; lead?: string; fields: unknown; label: string; back: string; errors?: readonly FormError[] },
): PageReply {
  const buttons = html`<div class="buttons">${button(label)}${buttonLink(ctx.address(back), ctx.words('parts.cancel'))}</div>`
  return consoleView(ctx, {
    section: 'people',
    title,
    errors,
    ...(lead && { lead }),
    body: html`<div class="panel narrow">${postForm(ctx, ctx.path, html`${fields}${buttons}`)}</div>`,
  })
}

/** Fields of an account, filled with what it has or with what was filled in. */
function accountFields(
  ctx: OperatorCtx,
  value: (name: string) => string,
  errors: readonly FormError[],
  isNew: boolean,
) {
  const { words } = ctx
  return html`${inputField({ name: 'email', label: words('console.email'), type: 'email', value: value('email'), autocomplete: 'off' }, errors)}
${inputField({ name: 'phone', label: words('console.phone'), type: 'tel', value: value('phone'), autocomplete: 'off', hint: words('console.phone_hint') }, errors)}
${inputField({ name: 'password', label: words('console.password'), type: 'password', autocomplete: 'new-password', hint: words(isNew ? 'console.password_new_hint' : 'console.password_hint') }, errors)}
${inputField({ name: 'role', label: words('console.role'), value: value('role'), hint: words('console.role_hint') }, errors)}`
}

const filled = (ctx: OperatorCtx, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, ctx.form[name]?.trim() ?? '']).filter(([, value]) => value !== ''))

function newView(ctx: OperatorCtx, errors: readonly FormError[] = []): PageReply {
  const { words, form } = ctx
  const confirm = checkField({
    name: 'confirm',
    label: words('console.confirm_at_once'),
    checked: ctx.method === 'GET' || form.confirm === 'true',
    hint: words('console.confirm_at_once_hint'),
  })
  return formView(ctx, {
    title: words('console.create_person'),
    lead: words('console.create_person_text'),
    fields: html`${accountFields(ctx, (name) => form[name] ?? '', errors, true)}${confirm}`,
    label: words('console.create_person'),
    back: pathOf('people'),
    errors,
  })
}

async function create(ctx: OperatorCtx): Promise<PageReply> {
  const given = filled(ctx, ['email', 'phone', 'role'])
  const { password = '', confirm } = ctx.form
  const isConfirmed = confirm === 'true'
  const answer = await ask(ctx, 'POST', '/admin/users', {
    ...given,
    ...(password !== '' && { password }),
    ...(given.email && { email_confirm: isConfirmed }),
    ...(given.phone && { phone_confirm: isConfirmed }),
  })
  if (!answer.ok) return newView(ctx, [{ field: 'email', text: refusalOf(ctx, answer) }])
  const user = objectOf(answer)
  return goTo(personPath(textOf(user.id)), {
    kind: 'success',
    text: ctx.words('console.created_person', { name: nameOf(user) }),
  })
}

function inviteView(ctx: OperatorCtx, errors: readonly FormError[] = []): PageReply {
  const { words, form } = ctx
  return formView(ctx, {
    title: words('console.invite_person'),
    lead: words('console.invite_person_text'),
    fields: inputField(
      { name: 'email', label: words('console.email'), type: 'email', value: form.email ?? '', autocomplete: 'off' },
      errors,
    ),
    label: words('console.invite_person'),
    back: pathOf('people'),
    errors,
  })
}

async function invite(ctx: OperatorCtx): Promise<PageReply> {
  const answer = await ask(ctx, 'POST', '/invite', filled(ctx, ['email']))
  if (!answer.ok) return inviteView(ctx, [{ field: 'email', text: refusalOf(ctx, answer) }])
  const user = objectOf(answer)
  return goTo(personPath(textOf(user.id)), {
    kind: 'success',
    text: ctx.words('console.invited_person', { name: nameOf(user) }),
  })
}

async function editView(ctx: OperatorCtx, errors: readonly FormError[] = []): Promise<PageReply> {
  const { words } = ctx
  const id = ctx.path_params.id ?? ''
  const answer = await ask(ctx, 'GET', `/admin/users/${encodeURIComponent(id)}`)
  if (!answer.ok) return refusedView(ctx, 'people', words('console.nav_people'), answer)
  const user: Row = objectOf(answer)
  const value = (name: string) => (ctx.method === 'POST' ? (ctx.form[name] ?? '') : textOf(user[name]))
  return formView(ctx, {
    title: words('console.edit_person', { name: nameOf(user) }),
    lead: words('console.edit_person_text'),
    fields: accountFields(ctx, value, errors, false),
    label: words('console.save'),
    back: personPath(id),
    errors,
  })
}

async function edit(ctx: OperatorCtx): Promise<PageReply> {
  const id = ctx.path_params.id ?? ''
  const { password = '' } = ctx.form
  const body = { ...filled(ctx, ['email', 'phone', 'role']), ...(password !== '' && { password }) }
  const answer = await ask(ctx, 'PUT', `/admin/users/${encodeURIComponent(id)}`, body)
  if (!answer.ok) return editView(ctx, [{ field: 'email', text: refusalOf(ctx, answer) }])
  return goTo(personPath(id), { kind: 'success', text: ctx.words('console.saved_person') })
}

/** What the API is told so that there is afterwards what was written: it merges, and null removes a key. */
const replacement = (before: unknown, after: Row): Row => ({
  ...Object.fromEntries(Object.keys(Object(before)).map((key) => [key, null])),
  ...after,
})

/** POST /console/people/:id/metadata. */
async function saveMetadata(ctx: OperatorCtx): Promise<PageReply> {
  const { words, form } = ctx
  const id = ctx.path_params.id ?? ''
  const path = `/admin/users/${encodeURIComponent(id)}`
  const names = ['user_metadata', 'app_metadata'] as const
  const drafts = { user_metadata: form.user_metadata ?? '', app_metadata: form.app_metadata ?? '' }
  const read = names.map((name) => [name, jsonObjectOrNull(drafts[name])] as const)
  const wrong = read.filter(([, value]) => value === null)
  const errors = wrong.map(([field]) => ({ field, text: words('console.metadata_wrong', { name: field }) }))
  if (errors.length > 0) return showPerson(ctx, { ...drafts, errors })
  const known = await ask(ctx, 'GET', path)
  if (!known.ok) return refusedView(ctx, 'people', words('console.nav_people'), known)
  const user = objectOf(known)
  const body = Object.fromEntries(read.map(([name, value]) => [name, replacement(user[name], value ?? {})]))
  const answer = await ask(ctx, 'PUT', path, body)
  if (!answer.ok)
    return showPerson(ctx, { ...drafts, errors: [{ field: 'user_metadata', text: refusalOf(ctx, answer) }] })
  return goTo(personPath(id), { kind: 'success', text: words('console.saved_metadata') })
}

/** Rows of the forms. */
export const personFormPages: readonly Page[] = [
  ...formRows('operator', `${pathOf('people')}/new`, (ctx) => newView(ctx), create),
  ...formRows('operator', `${pathOf('people')}/invite`, (ctx) => inviteView(ctx), invite),
  ...formRows('operator', personPath(':id', '/edit'), (ctx) => editView(ctx), edit),
  page('POST', personPath(':id', '/metadata'), 'operator', saveMetadata, { max_bytes: 524_288 }),
]
