// Where somebody who signs in came from and goes to: an application's attempt, one of our pages, or an allowed address.
import { ownPagePath } from '../../config/pages-address.ts'
import { isAllowedRedirect } from '../../flows/steps/answers/allowed-redirect.ts'
import { goTo, type PageCtx, type PageReply } from '../page.ts'

/** What every page of a sign-in keeps along in its address. */
export interface Journey {
  /** The id of an application's attempt; `''` without one. */
  attempt: string
  /** A path of ours or an allowed address; `''` for the account page. */
  redirect_to: string
  /** `true` where somebody who is signed in shows the second factor once more, since what they do needs a fresh one. */
  again?: string
}

const onPages = /^\/(pages|console)([/?]|$)/

/** The journey of a request; an address that is not allowed counts as none. */
export function journeyOf({ config, query }: PageCtx): Journey {
  const attempt = query.get('attempt') ?? ''
  const redirect_to = query.get('redirect_to') ?? ''
  const isOurs = onPages.test(redirect_to) && !/[\\\u0000-\u001f]/.test(redirect_to) && redirect_to.length <= 2048
  const isFine = isOurs || isAllowedRedirect(redirect_to, config.site_url, config.uri_allow_list)
  return {
    attempt: /^[\w-]{1,128}$/.test(attempt) ? attempt : '',
    redirect_to: isFine ? redirect_to : (ownPagePath(config, redirect_to) ?? ''),
    ...(query.get('again') === 'true' && { again: 'true' }),
  }
}

/** A path of ours that keeps the journey along, and further parameters. */
export function along(path: string, journey: Journey, more: Record<string, string> = {}): string {
  const query = new URLSearchParams(Object.entries({ ...more, ...journey }).filter(([, value]) => value !== ''))
  return query.size === 0 ? path : `${path}?${query}`
}

/** Where mails that are sent on the way lead back to. */
export const arrival = (journey: Journey): string => along('/pages/signed-in', journey)

/** Where the journey ends. */
export function journeysEnd({ attempt, redirect_to }: Journey): PageReply {
  if (attempt !== '') return goTo(`/pages/continue?attempt=${attempt}`)
  if (redirect_to === '') return goTo('/pages/account')
  return onPages.test(redirect_to) ? goTo(redirect_to) : { kind: 'leave', address: redirect_to }
}

/** Addresses outside that the forms of a journey may lead to. */
export const targetsOf = ({ redirect_to }: Journey): string[] =>
  redirect_to === '' || onPages.test(redirect_to) ? [] : [redirect_to]
