// The step between asking for a code and entering it: what this browser keeps of it, and how a code is sent again.
import type { ApiAnswer, PageCtx } from '../page.ts'
import { captchaFields } from './captcha.ts'
import type { Address } from './identifier.ts'
import { arrival, type Journey } from './journey.ts'

/** Why a mail or message is sent. */
export type CodePurpose = 'sign_in' | 'sign_up' | 'confirm' | 'recovery'

/** What is kept, sealed, in a cookie: what a person typed stands in no address. */
export interface CodeStep {
  purpose: CodePurpose
  address: Address
}

const name = 'code'

/** Keeps the step for the next page. */
export const keepStep = (ctx: PageCtx, step: CodeStep | null): void => ctx.keep(name, step)

/** The step that this browser is at; null without one. */
export function stepOf(ctx: PageCtx): CodeStep | null {
  const { purpose, address } = Object(ctx.kept(name))
  return typeof purpose === 'string' && typeof address === 'object'
    ? { purpose: purpose as CodePurpose, address }
    : null
}

/** The address of a step as text. */
export const addressText = ({ address }: CodeStep): string => ('email' in address ? address.email : address.phone)

/** Where the link of a mail leads once it is confirmed: for a forgotten password, to where another is set. */
export const arrivalOf = ({ purpose }: Pick<CodeStep, 'purpose'>, journey: Journey): string =>
  purpose === 'recovery' ? arrival(journey).replace('/pages/signed-in', '/pages/new-password') : arrival(journey)

/** Asks the API for the mail or message. */
export function sendCode(ctx: PageCtx, step: CodeStep, journey: Journey): Promise<ApiAnswer> {
  const { purpose, address } = step
  const body = { ...address, ...captchaFields(ctx) }
  const back = `?${new URLSearchParams({ redirect_to: ctx.absolute(arrivalOf(step, journey)) })}`
  if (purpose === 'confirm') {
    const type = 'email' in address ? 'signup' : 'sms'
    return ctx.api('POST', `/resend${back}`, { body: { ...body, type } })
  }
  if (purpose === 'recovery' && 'email' in address) return ctx.api('POST', `/recover${back}`, { body })
  return ctx.api('POST', `/pages/otp${back}`, { body: { ...body, create_user: purpose === 'sign_up' } })
}

/** Whether a step goes on after an answer: where nobody new is let in, only who is there already gets a code. */
export const goesOn = ({ ok, code }: ApiAnswer, { purpose }: CodeStep): boolean =>
  ok || (code === 'signup_disabled' && purpose !== 'sign_up')

/** The type that the API verifies a code of the step as. */
export const typeOf = ({ purpose, address }: CodeStep): string =>
  'phone' in address ? 'sms' : purpose === 'recovery' ? 'recovery' : 'email'
