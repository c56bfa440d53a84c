// Who may see a page: anyone, people who are signed in and have shown their second factor, or operators.
import { goTo, type Page, type PageCtx, type PageReply, pathWithQuery } from './page.ts'
import { factorNeededPage, forbiddenPage } from './parts/problem-pages.ts'

/** What is answered instead of the page; null where it may be seen. */
export function guardPage(ctx: PageCtx, page: Page): PageReply | null {
  if (page.guard === 'anyone') return null
  const { person, operator } = ctx
  if (page.guard === 'operator' && 'token' in operator) return null
  const back = ctx.method === 'GET' ? `?${new URLSearchParams({ redirect_to: pathWithQuery(ctx) })}` : ''
  if (!person) return goTo(`/pages/sign-in${back}`)
  if (person.next === 'verify' && !page.before_mfa) return goTo(`/pages/second-factor${back}`)
  if (person.next === 'enroll' && !page.before_mfa) return goTo('/pages/account/factors')
  if (page.guard !== 'operator') return null
  if (!('refused' in operator) || operator.refused !== 'insufficient_aal') return forbiddenPage(ctx)
  // A trusted device spared them the second step so far.
  return person.aal === 'aal2'
    ? goTo(`/pages/second-factor${back}${back ? '&' : '?'}again=true`)
    : factorNeededPage(ctx)
}
