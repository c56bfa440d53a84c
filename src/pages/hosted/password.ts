// Fields for passwords: the one that somebody has, and a new one with its rules.
import { html } from 'hono/html'
import type { ApiAnswer, Html, PageCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'

/** The script that shows what is typed, and which rules it keeps. */
export const passwordScript = 'password.js'

/** The field for the password that somebody has. */
export const passwordField = (ctx: PageCtx, errors: readonly FormError[], after: unknown = ''): Html =>
  inputField(
    {
      name: 'password',
      label: ctx.words('hosted.password'),
      type: 'password',
      autocomplete: 'current-password',
      required: true,
      after: html`${showButton(ctx, 'password')}${after}`,
    },
    errors,
  )

/** The field for a new password; its rules are ticked off while somebody types. */
export const newPasswordField = (ctx: PageCtx, label: string, errors: readonly FormError[]): Html =>
  inputField(
    {
      name: 'new-password',
      label,
      type: 'password',
      autocomplete: 'new-password',
      required: true,
      hint: rulesOf(ctx),
      after: showButton(ctx, 'new-password'),
    },
    errors,
  )

/** Only a script can show what is typed, so that a script brings the button out. */
const showButton = ({ words }: PageCtx, field: string): Html =>
  html`<button type="button" class="reveal" hidden data-reveal="${field}" data-hide="${words('parts.hide_password')}" aria-controls="${field}">${words('parts.show_password')}</button>`

interface Rule {
  text: string
  /** Characters of which one is needed; `''` for a length. */
  set: string
  length: number
}

function rulesOf(ctx: PageCtx): Html {
  const { password_min_length, password_required_characters, password_hibp_enabled } = ctx.config
  const length = Math.max(6, password_min_length)
  const rules: Rule[] = [
    { text: ctx.words('hosted.rule_length', { count: length }), set: '', length },
    ...password_required_characters
      .filter((set) => set !== '')
      .map((set) => ({ text: nameOfSet(ctx, set), set, length: 0 })),
  ]
  return html`${ctx.words('hosted.rules_title')}<ul class="rules">${rules.map(
    ({ text, set, length }) => html`<li data-set="${set}" data-length="${length}">${text}</li>`,
  )}${password_hibp_enabled ? html`<li>${ctx.words('hosted.rule_leaked')}</li>` : ''}</ul>`
}

/** What people call a set of characters. */
function nameOfSet({ words }: PageCtx, set: string): string {
  if (/^[a-z]{20,}$/.test(set)) return words('hosted.rule_lower')
  if (/^[A-Z]{20,}$/.test(set)) return words('hosted.rule_upper')
  if (/^\d{10}$/.test(set)) return words('hosted.rule_digit')
  if (!/[\p{L}\p{N}]/u.test(set) && set.length > 8) return words('hosted.rule_symbol')
  return words('hosted.rule_one_of', { characters: [...set].join(' ') })
}

/** What is wrong with a new password before it is sent; null for one that can be. */
export const missingPassword = (ctx: PageCtx, typed: string): FormError | null =>
  typed === '' ? { field: 'new-password', text: ctx.words('hosted.enter_new_password') } : null

/** The rule that a new password breaks, where a refusal says so. */
export function weakness(ctx: PageCtx, { body, code }: ApiAnswer): FormError | null {
  if (code !== 'weak_password') return null
  const reasons: unknown = Object(Object(body).weak_password).reasons
  const isOnlyLength = Array.isArray(reasons) && reasons.length === 1 && reasons[0] === 'length'
  const count = Math.max(6, ctx.config.password_min_length)
  const text = isOnlyLength
    ? `${ctx.words('hosted.rules_title')} ${ctx.words('hosted.rule_length', { count })}`
    : ctx.words('errors.password_weak')
  return { field: 'new-password', text }
}
