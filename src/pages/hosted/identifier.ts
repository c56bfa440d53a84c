// The field for an email address or a phone number, whichever people may sign in with.
import type { Html, PageCtx } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'
import { waysOf } from '../parts/ways.ts'

/** An address as the API takes it. */
export type Address = { email: string } | { phone: string }

/** The name of the field. */
export const identifierName = 'identifier'

function identifierLabel(ctx: PageCtx): string {
  const { email, phone } = waysOf(ctx)
  return ctx.words(email && phone ? 'hosted.email_or_phone' : phone ? 'hosted.phone' : 'hosted.email')
}

/** The field; password managers fill it in, and passkeys where `passkeys` are offered in it. */
export function identifierField(
  ctx: PageCtx,
  {
    value,
    errors,
    passkeys = false,
    autofocus = false,
  }: {
    value: string
    errors: readonly FormError[]
    passkeys?: boolean
    autofocus?: boolean
  },
): Html {
  const { email, phone } = waysOf(ctx)
  return inputField(
    {
      name: identifierName,
      label: identifierLabel(ctx),
      type: email && phone ? 'text' : phone ? 'tel' : 'email',
      value,
      autocomplete: passkeys ? 'username webauthn' : 'username',
      inputmode: email && phone ? 'email' : phone ? 'tel' : 'email',
      required: true,
      autofocus,
      ...(phone && !email && { hint: ctx.words('hosted.phone_hint') }),
    },
    errors,
  )
}

/** What was filled in, as an address; an error where it can be none. */
export function readIdentifier(ctx: PageCtx): { address: Address; text: string } | { error: FormError; text: string } {
  const { email, phone } = waysOf(ctx)
  const text = (ctx.form[identifierName] ?? '').trim()
  const wrong = (key: 'enter_email' | 'enter_phone' | 'enter_email_or_phone' | 'not_an_email' | 'not_a_phone') => ({
    text,
    error: { field: identifierName, text: ctx.words(`hosted.${key}`) },
  })
  if (text === '') return wrong(email && phone ? 'enter_email_or_phone' : phone ? 'enter_phone' : 'enter_email')
  if (email && (text.includes('@') || !phone || /\p{L}/u.test(text)))
    return /^[^\s@]+@[^\s@]+$/.test(text) ? { address: { email: text }, text } : wrong('not_an_email')
  return /^\+?[\d\s().-]{6,24}$/.test(text) ? { address: { phone: text }, text } : wrong('not_a_phone')
}

/** Codes of refusals that are about the address. */
export const aboutIdentifier: Readonly<Record<string, string>> = {
  email_address_invalid: identifierName,
  email_address_not_authorized: identifierName,
  email_exists: identifierName,
  phone_exists: identifierName,
  user_already_exists: identifierName,
  validation_failed: identifierName,
}
