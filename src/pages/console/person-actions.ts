// What can be done with a person, as data: whether it applies, what it asks for, what is asked of the API, and its undo.
import { html } from 'hono/html'
import { type ApiAnswer, formRows, type Notice, type OperatorCtx, type Page, type PageReply } from '../page.ts'
import { inputField, selectField } from '../parts/form.ts'
import { type Action, actionDone, actionView } from './action-page.ts'
import { ask, consoleView, objectOf, refusedView, textOf } from './console-view.ts'
import { isBanned, nameOf, personPath } from './people-page.ts'
import type { Row } from './tables.ts'

type Name = 'confirm' | 'recovery' | 'link' | 'sign_out' | 'ban' | 'unban' | 'delete_softly' | 'delete'

/** An action. */
interface PersonAction {
  name: Name
  /** Whether it cannot be undone. */
  danger?: boolean
  applies(ctx: OperatorCtx, user: Row): boolean
  fields?(ctx: OperatorCtx): unknown
  run(ctx: OperatorCtx, user: Row): Promise<ApiAnswer>
  undo?(ctx: OperatorCtx, user: Row): Notice['undo']
  /** Where it leads; to the person unless told otherwise. */
  back?: string
  /** The page that shows what came of it, where that is not only said. */
  show?(ctx: OperatorCtx, user: Row, answer: ApiAnswer): PageReply
}

const userPath = (user: Row) => `/admin/users/${textOf(user.id)}`
const isUnconfirmed = (user: Row) =>
  Boolean((user.email && !user.email_confirmed_at) || (user.phone && !user.phone_confirmed_at))
const isThere = (user: Row) => !user.deleted_at

/** A ban without an end, as the API takes it: a hundred years. */
export const forever = '876000h'

/** How long a ban can be. */
const bans = { '24h': 'ban_day', '168h': 'ban_week', '720h': 'ban_month', [forever]: 'ban_forever' } as const

/** Lifts a ban. */
export const liftBan = (ctx: OperatorCtx, user: Row): Promise<ApiAnswer> =>
  ask(ctx, 'PUT', userPath(user), { ban_duration: 'none', app_metadata: { ban_reason: null } })

/** Deletes an account for good. */
export const deleteForGood = (ctx: OperatorCtx, user: Row): Promise<ApiAnswer> =>
  ask(ctx, 'DELETE', userPath(user), { should_soft_delete: false })

/** Types of links that somebody can be handed. */
const links = ['magiclink', 'recovery'] as const

/** Every action, in the order in which they are shown. */
export const personActions: readonly PersonAction[] = [
  {
    name: 'confirm',
    applies: (_ctx, user) => isThere(user) && isUnconfirmed(user),
    run: (ctx, user) =>
      ask(ctx, 'PUT', userPath(user), {
        ...(user.email ? { email_confirm: true } : {}),
        ...(user.phone ? { phone_confirm: true } : {}),
      }),
  },
  {
    name: 'recovery',
    applies: (_ctx, user) => isThere(user) && Boolean(user.email),
    run: (ctx, user) => ask(ctx, 'POST', `/console/users/${textOf(user.id)}/recovery`),
  },
  {
    name: 'link',
    applies: (_ctx, user) => isThere(user) && Boolean(user.email),
    fields: (ctx) =>
      html`${selectField({
        name: 'type',
        label: ctx.words('console.link_type'),
        options: links.map((type) => [type, ctx.words(`console.link_${type}`)] as const),
      })}${inputField({ name: 'redirect_to', label: ctx.words('console.link_redirect'), type: 'url', hint: ctx.words('console.link_redirect_hint') })}`,
    run: (ctx, user) =>
      ask(ctx, 'POST', `/console/users/${textOf(user.id)}/link`, {
        type: links.find((type) => type === ctx.form.type) ?? 'magiclink',
        redirect_to: ctx.form.redirect_to ?? '',
      }),
    show: showLink,
  },
  {
    name: 'sign_out',
    applies: (_ctx, user) => isThere(user),
    run: (ctx, user) => ask(ctx, 'DELETE', `${userPath(user)}/sessions`),
  },
  {
    name: 'ban',
    applies: (_ctx, user) => isThere(user) && !isBanned(user),
    fields: (ctx) =>
      html`${selectField({
        name: 'duration',
        label: ctx.words('console.ban_for'),
        options: Object.entries(bans).map(([value, word]) => [value, ctx.words(`console.${word}`)] as const),
      })}${inputField({ name: 'reason', label: ctx.words('console.ban_reason'), hint: ctx.words('console.ban_reason_hint'), maxlength: 200 })}`,
    run: (ctx, user) =>
      ask(ctx, 'PUT', userPath(user), {
        ban_duration: Object.hasOwn(bans, ctx.form.duration ?? '') ? ctx.form.duration : '24h',
        app_metadata: { ban_reason: ctx.form.reason?.trim() || null },
      }),
    undo: (ctx, user) => ({ path: personPath(textOf(user.id), '/unban'), label: ctx.words('console.undo') }),
  },
  {
    name: 'unban',
    applies: (_ctx, user) => isBanned(user),
    run: liftBan,
  },
  {
    name: 'delete_softly',
    danger: true,
    applies: (_ctx, user) => isThere(user),
    run: (ctx, user) => ask(ctx, 'DELETE', userPath(user), { should_soft_delete: true }),
  },
  {
    name: 'delete',
    danger: true,
    applies: () => true,
    run: deleteForGood,
    back: '/console/people',
  },
]

/** The link is shown once, and stands in no address. */
function showLink(ctx: OperatorCtx, user: Row, answer: ApiAnswer): PageReply {
  const { words } = ctx
  const { action_link, email_otp } = objectOf(answer)
  return consoleView(ctx, {
    section: 'people',
    title: words('console.link_made'),
    body: html`<div class="panel narrow"><p>${words('console.link_made_text', { name: nameOf(user) })}</p>
<div class="field"><label for="link">${words('console.link')}</label><input id="link" class="code" readonly value="${textOf(action_link)}"></div>
<div class="field"><label for="code">${words('console.link_code')}</label><input id="code" class="code" readonly value="${textOf(email_otp)}"></div>
<p><a href="${ctx.address(personPath(textOf(user.id)))}">${words('console.back_to', { name: nameOf(user) })}</a></p></div>`,
  })
}

/** The page of an action as it is shown, for the person of the path. */
async function prepare(ctx: OperatorCtx, { name, danger, fields, back }: PersonAction) {
  const answer = await ask(ctx, 'GET', `/admin/users/${encodeURIComponent(ctx.path_params.id ?? '')}`)
  const user = objectOf(answer)
  const { words } = ctx
  const action: Action = {
    section: 'people',
    title: `${words(`console.action_${name}`)}: ${nameOf(user)}`,
    text: words(`console.text_${name}`, { name: nameOf(user) }),
    label: words(`console.action_${name}`),
    back: back ?? personPath(textOf(user.id)),
    ...(danger && { danger }),
    ...(fields && { fields: fields(ctx) }),
  }
  return { answer, user, action }
}

/** The rows of all actions. */
export const personActionPages: readonly Page[] = personActions.flatMap((row) =>
  formRows(
    'operator',
    personPath(':id', `/${row.name}`),
    async (ctx) => {
      const { answer, action } = await prepare(ctx, row)
      if (!answer.ok) return refusedView(ctx, 'people', ctx.words('console.nav_people'), answer)
      return actionView(ctx, { ...action, back: personPath(ctx.path_params.id ?? '') })
    },
    async (ctx) => {
      const { answer, user, action } = await prepare(ctx, row)
      if (!answer.ok) return refusedView(ctx, 'people', ctx.words('console.nav_people'), answer)
      const done = await row.run(ctx, user)
      if (done.ok && row.show) return row.show(ctx, user, done)
      return actionDone(
        ctx,
        action,
        done,
        ctx.words(`console.done_${row.name}`, { name: nameOf(user) }),
        row.undo?.(ctx, user),
      )
    },
  ),
)
