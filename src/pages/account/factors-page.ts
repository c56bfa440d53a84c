// /pages/account/factors: the second steps of a person, what can be added, and their recovery codes.
import { html } from 'hono/html'
import { mayPagesAsk } from '../../config/relying-party.ts'
import { goTo, type Html, type PageReply, type PersonCtx } from '../page.ts'
import { buttonLink, postForm } from '../parts/form.ts'
import { accountView, confirmView, type Item, itemList, panel, smallLink } from './account-view.ts'
import { afterAction } from './after-action.ts'
import { factorName, factorTypesHere, ownFactors } from './own-factors.ts'
import { dayOf } from './times.ts'

const home = '/pages/account/factors'

/** GET: seen before the second step is shown too, since it may have to be set up first. */
export async function factorsPage(ctx: PersonCtx): Promise<PageReply> {
  const { words, address } = ctx
  const attempt = ctx.query.get('attempt') ?? ''
  if (ctx.person.user.is_anonymous) return goTo('/pages/account')
  if (ctx.person.next === 'verify') return goTo(`/pages/second-factor?${new URLSearchParams({ redirect_to: home })}`)
  if (attempt !== '' && ctx.person.next !== 'enroll') return goTo(`/pages/continue?${new URLSearchParams({ attempt })}`)
  if (attempt !== '') ctx.keep('attempt', attempt)
  const own = ownFactors(ctx)
  const items = own.map((factor): Item => {
    const name = factorName(ctx, factor)
    const kind = words(`account.factor_${factor.type}`)
    const about = factor.type === 'phone' ? html` · <bdi>+${factor.phone}</bdi>` : ''
    return {
      title: html`<bdi>${name}</bdi>`,
      lines: [
        html`${name === kind ? '' : html`${kind} · `}${words('account.added_on', { date: dayOf(ctx, factor.created_at) })}${about}`,
      ],
      actions: smallLink(address(`${home}/${factor.id}/remove`), words('account.remove'), name),
    }
  })
  const isNeeded = ctx.person.next === 'enroll'
  return accountView(ctx, {
    section: 'factors',
    title: words('account.factors_title'),
    lead: words('account.factors_text'),
    body: html`${isNeeded ? html`<div class="notice info">${words('account.factors_required')}</div>` : waiting(ctx)}
${own.length > 0 ? panel(words('account.factors_yours'), '', itemList(items, '')) : ''}${addPanel(ctx)}
${own.length > 0 ? await recoveryPanel(ctx) : ''}`,
  })
}

/** An application that sent somebody here waits until the second step is set up. */
function waiting(ctx: PersonCtx): Html | '' {
  const attempt = ctx.kept('attempt')
  if (typeof attempt !== 'string' || attempt === '') return ''
  const href = ctx.address(`/pages/continue?${new URLSearchParams({ attempt })}`)
  return html`<div class="notice info">${ctx.words('account.continue_waits')} <a href="${href}">${ctx.words('account.continue_waits_link')}</a></div>`
}

function addPanel(ctx: PersonCtx): Html {
  const { words, address } = ctx
  const types = factorTypesHere(ctx).filter((type) => type !== 'webauthn' || mayPagesAsk(ctx.config))
  const items = types.map((type): Item => {
    const name = words(`account.factor_${type}`)
    return {
      title: name,
      lines: [words(`account.factor_${type}_text`)],
      actions: smallLink(address(`${home}/add/${type}`), words('account.add'), name),
    }
  })
  return panel(words('account.factors_add'), '', itemList(items, words('account.factors_off')))
}

async function recoveryPanel(ctx: PersonCtx): Promise<Html | ''> {
  const { words, config, address } = ctx
  const { ok, body } = await ctx.api('GET', '/factors/recovery-codes', { as: ctx.person.token })
  const remaining = ok ? Number(Object(body).remaining) : 0
  if (!ok && !config.mfa_recovery_codes_enroll_enabled) return ''
  const left = ok
    ? html`<p>${words('account.recovery_left', { count: remaining })}${remaining > 3 ? '' : html` <strong>${words('account.recovery_few')}</strong>`}</p>`
    : ''
  const make = ok
    ? html`${buttonLink(address(`${home}/recovery-codes/again`), words('account.recovery_again'))}${buttonLink(address(`${home}/recovery-codes/remove`), words('account.remove'))}`
    : postForm(ctx, `${home}/recovery-codes`, html`<button class="quiet">${words('account.recovery_make')}</button>`)
  return panel(words('account.recovery_title'), words('account.recovery_text'), left, make)
}

const factorOf = (ctx: PersonCtx) => ownFactors(ctx).find(({ id }) => id === ctx.path_params.id)

/** GET …/:id/remove. */
export function factorRemovePage(ctx: PersonCtx): PageReply {
  const factor = factorOf(ctx)
  if (!factor) return goTo(home)
  const { words } = ctx
  const isLast = ownFactors(ctx).length === 1
  return confirmView(ctx, {
    section: 'factors',
    title: words('account.factor_remove_title', { name: factorName(ctx, factor) }),
    text: isLast ? words('account.factor_remove_last') : words('account.factor_remove_text'),
    label: words('account.remove'),
  })
}

/** POST …/:id/remove. */
export async function factorRemoveForm(ctx: PersonCtx): Promise<PageReply> {
  const path = `/factors/${encodeURIComponent(ctx.path_params.id ?? '')}`
  const answer = await ctx.api('DELETE', path, { as: ctx.person.token })
  return afterAction(ctx, answer, home, ctx.words('account.factor_removed'))
}
