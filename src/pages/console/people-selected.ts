// Several people at once: who was ticked is named, what will be done is said, and each result counts.
import { html } from 'hono/html'
import { goTo, type OperatorCtx, type PageReply } from '../page.ts'
import { hiddenField } from '../parts/form.ts'
import { type Action, actionView } from './action-page.ts'
import { ask, objectOf, pathOf, refusalOf, textOf } from './console-view.ts'
import { nameOf } from './people-page.ts'
import { deleteForGood, forever, liftBan } from './person-actions.ts'

/** What can be done with several. */
const actions = {
  ban: (ctx: OperatorCtx, id: string) => ask(ctx, 'PUT', `/admin/users/${id}`, { ban_duration: forever }),
  unban: (ctx: OperatorCtx, id: string) => liftBan(ctx, { id }),
  delete: (ctx: OperatorCtx, id: string) => deleteForGood(ctx, { id }),
} as const

type Name = keyof typeof actions
const isName = (text: string): text is Name => Object.hasOwn(actions, text)

/** POST /console/people/selected: asks, and with `sure` does it. */
export async function selectedPeople(ctx: OperatorCtx): Promise<PageReply> {
  const { words, form } = ctx
  const ids = [...new Set(ctx.form_all.filter(([name]) => name === 'id').map(([, id]) => id))]
    .filter((id) => /^[\da-f-]{36}$/.test(id))
    .slice(0, 200)
  const name = form.action ?? ''
  if (ids.length === 0 || !isName(name))
    return goTo(pathOf('people'), { kind: 'error', text: words('console.nobody_selected') })
  if (form.sure === 'true') return doAll(ctx, name, ids)
  const query = new URLSearchParams([...ids.map((id) => ['id', id]), ['per_page', '200']] as [string, string][])
  const answer = await ask(ctx, 'GET', `/admin/users?${query}`)
  const people = objectOf(answer).users
  const names = Array.isArray(people) ? people.map((row) => nameOf(Object(row))) : ids
  const action: Action = {
    section: 'people',
    title: words(`console.bulk_${name}`, { count: ids.length }),
    text: words(`console.bulk_${name}_text`),
    more: html`<ul class="names">${names.map((one) => html`<li>${one}</li>`)}</ul>`,
    label: words(`console.bulk_${name}`, { count: ids.length }),
    danger: name === 'delete',
    fields: html`${ids.map((id) => hiddenField('id', id))}${hiddenField('action', name)}${hiddenField('sure', 'true')}`,
    back: pathOf('people'),
  }
  return actionView(ctx, action)
}

async function doAll(ctx: OperatorCtx, name: Name, ids: readonly string[]): Promise<PageReply> {
  let done = 0
  let refusal = ''
  for (const id of ids) {
    const answer = await actions[name](ctx, id)
    if (answer.ok) done++
    else refusal ||= refusalOf(ctx, answer)
  }
  const { words } = ctx
  const text = words(`console.bulk_${name}_done`, { count: done })
  if (refusal !== '')
    return goTo(pathOf('people'), {
      kind: 'error',
      text: `${text} ${words('console.bulk_refused', { count: ids.length - done, reason: textOf(refusal) })}`,
    })
  return goTo(pathOf('people'), { kind: 'success', text })
}
