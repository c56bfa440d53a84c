// The dispatcher of pages: matches a request, checks where forms come from, lets the guard decide, answers; the one try/catch.
import { randomUUID } from 'node:crypto'
import { TrieRouter } from 'hono/router/trie-router'
import { pagesOrigin } from '../config/pages-address.ts'
import { percentDecoded } from '../percent-decoded.ts'
import { ApiOutage } from './api-outage.ts'
import { isFormToken, isFromOwnOrigin, tokenField } from './form-token.ts'
import { guardPage } from './guard-page.ts'
import type { Page, PageCtx, PageReply, PageView } from './page.ts'
import { createPageContext, type PageParts } from './page-context.ts'
import { pagesForOperators, pagesForPeople } from './page-table.ts'
import { assetsPath, loadAssets } from './parts/assets.ts'
import {
  failedPage,
  foreignFormPage,
  notFoundPage,
  staleFormPage,
  tooLargePage,
  unavailablePage,
} from './parts/problem-pages.ts'
import { FormTooLarge, readFormFields } from './read-form-fields.ts'
import { renderAsset, renderPage } from './render-page.ts'

/** Answers a request for a page; null for everything else. */
export type PagesFetch = (request: Request, connection: { client_address: string }) => Promise<Response | null>

const usualBytes = 65_536

/** What an address may carry: every link to another language repeats it. */
const longest = { search: 16_384, parameters: 200 }

/** Builds the pages that the configuration switches on. */
export function createPages(parts: PageParts): PagesFetch {
  const { config } = parts
  const assets = loadAssets(config)
  const find = createFinder([...pagesForPeople, ...(config.console ? pagesForOperators : [])])
  const base = config.base_path.replace(/\/+$/, '')
  const isPage = (path: string) => /^\/pages(\/|$)/.test(path) || (config.console && /^\/console(\/|$)/.test(path))
  return async (request, { client_address }) => {
    const url = new URL(request.url)
    const full = url.pathname
    const below = base !== '' && full.startsWith(`${base}/`) ? full.slice(base.length) : full
    if (!isPage(below)) return null
    const path = below.length > 1 ? below.replace(/\/+$/, '') : below
    // Nothing of ours leads to such an address: the page is shown as if it carried nothing.
    if (url.search.length > longest.search || url.searchParams.size > longest.parameters) url.search = ''
    if (path.startsWith(assetsPath)) return renderAsset(assets.find(path))
    const started = performance.now()
    const id = randomUUID()
    let outcome: { reply: PageReply; error?: unknown }
    let made: Awaited<ReturnType<typeof createPageContext>> | undefined
    try {
      made = await createPageContext(parts, request, url, path, client_address)
      outcome = { reply: await answer(made.ctx, request, find) }
    } catch (error) {
      made ??= await createPageContext({ ...parts, ask: nobody }, request, url, path, client_address)
      outcome = { reply: pageOfError(made.ctx, error, id), ...(!(error instanceof FormTooLarge) && { error }) }
    }
    const response = await renderPage(made, outcome.reply, { assets, sealer: parts.sealer, method: request.method })
    log(made.ctx, response.status, performance.now() - started, id, outcome.error)
    return response
  }
}

/** What a person sees of an error: an outage passes, anything else is told by its number. */
function pageOfError(ctx: PageCtx, error: unknown, id: string): PageView {
  if (error instanceof FormTooLarge) return tooLargePage(ctx)
  const isOutage = error instanceof ApiOutage && (error.status === 503 || error.status === 504)
  return isOutage ? unavailablePage(ctx, error.retry_after ?? 5) : failedPage(ctx, id)
}

/** Stands for the API where it just failed: nobody is signed in. */
const nobody = async (): Promise<Response> => new Response('{}', { status: 401 })

async function answer(ctx: PageCtx, request: Request, find: Find): Promise<PageReply> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const found = find(method, ctx.path)
  if (!found) return notFoundPage(ctx)
  ctx.path_params = found.path_params
  // Before anything is read or asked: a form of another site does nothing at all.
  if (method === 'POST' && !isFromOwnOrigin(request.headers, pagesOrigin(ctx.config))) return foreignFormPage(ctx)
  // What people send who may not see the page is not even read.
  const refused = guardPage(ctx, found.page)
  if (refused) return refused
  if (method === 'POST') {
    const { fields, files } = await readFormFields(request, found.page.max_bytes ?? usualBytes)
    const token = fields.find(([name]) => name === tokenField)?.[1] ?? ''
    if (!isFormToken(token, ctx.csrf)) return staleFormPage(ctx)
    ctx.form_all = fields.filter(([name]) => name !== tokenField)
    ctx.form = Object.fromEntries(ctx.form_all)
    ctx.files = files
  }
  return found.page.answer(ctx)
}

type Find = (method: string, path: string) => { page: Page; path_params: Record<string, string> } | null

function createFinder(pages: readonly Page[]): Find {
  const router = new TrieRouter<Page>()
  for (const page of pages) router.add(page.method, page.path, page)
  return (method, path) => {
    const [handlers] = router.match(method, path) as [[Page, Record<string, string>][]]
    const [first] = handlers
    if (!first) return null
    const [page, values] = first
    const path_params = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, percentDecoded(value)]))
    return { page, path_params }
  }
}

/** One line a page; what the API did for it has lines of its own. */
function log(ctx: PageCtx, status: number, duration_ms: number, request_id: string, error?: unknown): void {
  const fields = {
    component: 'pages',
    method: ctx.method,
    path: ctx.path.slice(0, 512),
    remote_addr: ctx.client_address,
    request_id,
    status,
    duration: Math.round(duration_ms * 1e6),
    ...(error !== undefined && { err: error }),
  }
  ctx.log[status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info'](fields, 'page completed')
}
