// /pages/continue: an application asked who this is; the person says so with one click, as this account or another one.
import { html } from 'hono/html'
import { requireNoOutage } from '../api-outage.ts'
import { goTo, type Html, type PageCtx, type PageReply, type Person } from '../page.ts'
import { cardView } from '../parts/card-view.ts'
import { button, hiddenField, postForm } from '../parts/form.ts'
import { messagePage } from '../parts/message-page.ts'

/** The application that waits, as the API tells of it. */
interface Attempt {
  id: string
  application: string
  form_target: string
}

async function readAttempt(ctx: PageCtx, id: string): Promise<Attempt | null> {
  const answer = await ctx.api('POST', '/pages/attempt/read', { body: { attempt: id } })
  const { ok, body } = requireNoOutage(answer, 'the attempt of an application could not be read')
  return ok ? { ...(body as Omit<Attempt, 'id'>), id } : null
}

const overPage = (ctx: PageCtx): PageReply =>
  messagePage(ctx, {
    status: 410,
    title: ctx.words('account.continue_over_title'),
    text: ctx.words('account.continue_over_text'),
    path: '/pages/account',
    label: ctx.words('parts.go_to_account'),
  })

/** What an account is called: its name, address or number. */
const nameOf = ({ user }: Person): string => user.email || user.phone || ''

/** Where somebody must go before they are asked; null where they can be. */
function wayBefore({ person }: PageCtx, id: string): PageReply | null {
  const query = new URLSearchParams({ attempt: id })
  if (!person) return goTo(`/pages/sign-in?${query}`)
  if (person.next === 'verify') return goTo(`/pages/second-factor?${query}`)
  return person.next === 'enroll' ? goTo(`/pages/account/factors?${query}`) : null
}

/** GET: asks, and never goes on by itself. */
export async function continuePage(ctx: PageCtx): Promise<PageReply> {
  const attempt = await readAttempt(ctx, ctx.query.get('attempt') ?? '')
  if (!attempt) return overPage(ctx)
  const before = wayBefore(ctx, attempt.id)
  if (before || !ctx.person) return before ?? goTo('/pages/sign-in')
  // Where somebody was held up on the way here, they are no more.
  if (ctx.kept('attempt') !== null) ctx.keep('attempt', null)
  const { application } = attempt
  const title = ctx.words('account.continue_title', { application })
  return cardView(ctx, {
    title,
    form_targets: [attempt.form_target],
    body: html`<p>${ctx.words('account.continue_text', { application })}</p>
${choices(ctx, ctx.person, attempt)}`,
  })
}

function choices(ctx: PageCtx, person: Person, { id }: Attempt): Html {
  const name = nameOf(person)
  const label = name === '' ? ctx.words('account.continue') : ctx.words('account.continue_as', { name })
  return postForm(
    ctx,
    '/pages/continue',
    html`${hiddenField('attempt', id)}<div class="stack">${button(label, { name: 'choice', value: 'continue' })}${button(
      ctx.words('account.continue_other'),
      { kind: 'quiet', name: 'choice', value: 'other' },
    )}${button(ctx.words('parts.cancel'), { kind: 'quiet', name: 'choice', value: 'cancel' })}</div>`,
  )
}

/** POST: goes on, signs out to go on as somebody else, or tells the application that the person did not. */
export async function continueForm(ctx: PageCtx): Promise<PageReply> {
  const { attempt = '', choice = '' } = ctx.form
  if (choice === 'cancel') return leaveWith(ctx, '/pages/attempt/decline', { attempt })
  if (choice === 'other') {
    if (ctx.handle !== '') await ctx.api('DELETE', '/pages/session', { body: { handle: ctx.handle } })
    ctx.set_handle('')
    return goTo(`/pages/sign-in?${new URLSearchParams({ attempt })}`)
  }
  return wayBefore(ctx, attempt) ?? leaveWith(ctx, '/pages/session/continue', { handle: ctx.handle, attempt })
}

async function leaveWith(ctx: PageCtx, path: string, body: Record<string, string>): Promise<PageReply> {
  const answer = requireNoOutage(await ctx.api('POST', path, { body }), 'an application could not be continued')
  if (answer.ok) return { kind: 'leave', address: String(Object(answer.body).location) }
  if (['session_not_found', 'session_expired', 'user_banned', 'mfa_required'].includes(answer.code))
    return goTo(`/pages/continue?${new URLSearchParams({ attempt: body.attempt ?? '' })}`)
  return overPage(ctx)
}
