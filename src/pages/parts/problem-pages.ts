// Pages for what cannot be answered: unknown addresses, forms of other sites, and failures.
import { type PageCtx, type PageView, pathWithQuery } from '../page.ts'
import { messagePage } from './message-page.ts'

/** 404: there is no such page. */
export const notFoundPage = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 404,
    title: ctx.words('parts.not_found_title'),
    text: ctx.words('parts.not_found_text'),
    path: '/pages/account',
    label: ctx.words('parts.go_to_account'),
  })

/** 403: the page is for operators; whoever is one by another account signs in with that, and comes back. */
export const forbiddenPage = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 403,
    title: ctx.words('parts.forbidden_title'),
    text: ctx.words('parts.forbidden_text'),
    path: `/pages/sign-in?${new URLSearchParams({ prompt: 'login', ...(ctx.method === 'GET' && { redirect_to: pathWithQuery(ctx) }) })}`,
    label: ctx.words('account.continue_other'),
  })

/** 403: the console asks for a second factor. */
export const factorNeededPage = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 403,
    title: ctx.words('console.factor_needed_title'),
    text: ctx.words('console.factor_needed_text'),
    path: '/pages/account/factors',
    label: ctx.words('console.factor_needed_way'),
  })

/** 403: another site sent the form. */
export const foreignFormPage = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 403,
    title: ctx.words('parts.foreign_form_title'),
    text: ctx.words('parts.foreign_form_text'),
  })

/** 403: the form's token is not of this browser, or no longer. */
export const staleFormPage = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 403,
    title: ctx.words('parts.stale_form_title'),
    text: ctx.words('parts.stale_form_text'),
    path: `${ctx.path}${ctx.query.size > 0 ? `?${ctx.query}` : ''}`,
    label: ctx.words('parts.try_again'),
  })

/** 413: the form has too many bytes. */
export const tooLargePage = (ctx: PageCtx): PageView =>
  messagePage(ctx, {
    status: 413,
    title: ctx.words('parts.too_large_title'),
    text: ctx.words('parts.too_large_text'),
  })

/** 500: something failed; the log has the same number. */
export const failedPage = (ctx: PageCtx, id: string): PageView =>
  messagePage(ctx, {
    status: 500,
    title: ctx.words('parts.failed_title'),
    text: `${ctx.words('parts.failed_text')} ${ctx.words('parts.failed_id', { id })}`,
  })

/** 503: something that this server needs is out of reach for now. */
export const unavailablePage = (ctx: PageCtx, retry_after: number): PageView => ({
  ...messagePage(ctx, {
    status: 503,
    title: ctx.words('parts.failed_title'),
    text: ctx.words('errors.unavailable'),
  }),
  retry_after,
})
