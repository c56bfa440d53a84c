// A page: a row of the page table, what it is asked with, and what it answers.
import type { html } from 'hono/html'
import type { Config } from '../config/keys.ts'
import type { Logger } from '../log.ts'
import type { Words } from './words/words.ts'

/** A piece of HTML, made by the `html` template of hono, which escapes what stands in it. */
export type Html = ReturnType<typeof html>

/** Who is signed in, read anew at each request. */
export interface Person {
  /** An access token of a minute, made in-process; it never leaves the server. */
  token: string
  /** The account as GET /user answers it. */
  user: { id: string; email?: string; phone?: string; is_anonymous?: boolean; [name: string]: unknown }
  session_id: string
  aal: 'aal1' | 'aal2'
  /** What an application would ask of them first, as the API says it; `''` for nothing. */
  next: string
}

/** Who works in the console, decided anew at each request. */
export interface Operator {
  /** The account of a person; null for who came by a link of the shell. */
  id: string | null
  name: string
  /** A token of an administrator for this request; it never leaves the server. */
  token: string
}

/** What a call of the API may carry. */
export interface ApiOptions {
  /** Access token of whom the call is made for. */
  as?: string
  /** Sent as JSON. */
  body?: object
  /** Sent as a form. */
  form?: Record<string, string>
  headers?: Record<string, string>
}

/** An answer of the API. */
export interface ApiAnswer {
  ok: boolean
  status: number
  /** Parsed JSON; `{}` where there is none. */
  body: unknown
  headers: Headers
  /** The code of an error, `''` without one. */
  code: string
  /** The message of an error, in English, for developers. */
  message: string
}

/** A notice that the next page shows once. */
export interface Notice {
  kind: 'success' | 'error' | 'info'
  text: string
  /** A form that takes back what was done. */
  undo?: { path: string; label: string }
}

/** An entry of the navigation beside a page. */
export interface NavItem {
  href: string
  label: string
  /** Whether it is the page that is shown. */
  current: boolean
}

/** A page as HTML. */
export interface PageView {
  kind: 'view'
  /** 200 unless told otherwise. */
  status?: number
  title: string
  body: Html
  layout: 'card' | 'account' | 'console'
  /** Navigation of the layouts `account` and `console`. */
  nav?: readonly NavItem[]
  /** Names of scripts of parts/assets. */
  scripts?: readonly string[]
  /** Addresses outside that a form of this page may lead to. */
  form_targets?: readonly string[]
  /** Whether a captcha widget is shown, whose service the policy then allows. */
  captcha?: boolean
  /** Seconds after which a browser without scripts asks for the page again. */
  refresh_s?: number
  /** Whether another page of ours is shown within. */
  frames?: boolean
  /** A checked address outside that the browser goes to at once; where a redirect would be one of a form that may not lead there. */
  goes_to?: string
  /** Seconds after which it may go better. */
  retry_after?: number
  /** Whether something is wrong with what was filled in; the title says so. */
  has_errors?: boolean
}

/** Any answer of a page. */
export type PageReply =
  | PageView
  /** To another page, a path such as `/pages/account`; the notice is shown there once. */
  | { kind: 'redirect'; path: string; notice?: Notice }
  /** To an address outside that was checked against the allow-list. */
  | { kind: 'leave'; address: string }
  /** Data for the script of a page. */
  | { kind: 'data'; status?: number; data: unknown }
  /** A download, or an asset. */
  | {
      kind: 'file'
      content: string | Uint8Array | ReadableStream
      content_type: string
      headers?: Record<string, string>
    }

/** One a request. */
export interface PageCtx {
  config: Config
  log: Logger
  method: 'GET' | 'POST'
  /** Path below the base, such as `/pages/account`. */
  path: string
  query: URLSearchParams
  path_params: Record<string, string>
  /** Fields of a form, the last of each name. */
  form: Record<string, string>
  /** All fields of a form in their order. */
  form_all: readonly [name: string, value: string][]
  files: Record<string, File>
  /** Says texts in the language of the reader; has `locale` and `dir` too. */
  words: Words
  /** The form token; `postForm` puts it in each form. */
  csrf: string
  person: Person | null
  /** Below /console: who works there, or why nobody does: a code of the API, `''` for nobody. */
  operator: Operator | { refused: string }
  /** What the page before left to be told. */
  notice: Notice | null
  client_address: string
  user_agent: string
  /** The path of a page as the browser asks for it. */
  address(path: string): string
  /** The same with scheme and host. */
  absolute(path: string): string
  /** Asks the API in-process, as the browser's address and user agent. */
  api(method: string, path: string, options?: ApiOptions): Promise<ApiAnswer>
  /** The same for an answer that is passed on as it comes. */
  stream(method: string, path: string, options?: ApiOptions): Promise<Response>
  /** A value that an earlier page kept in this browser, sealed; null without one. */
  kept(name: string): unknown
  /** Keeps a value in this browser for half an hour, sealed, so that it stands in no address; null forgets it. */
  keep(name: string, value: unknown): void
  /** The handle of the pages' session in this browser; `''` without one. */
  handle: string
  /** Gives this browser another session of the pages; `''` ends it. */
  set_handle(handle: string): void
  /** The same for a session of the console that belongs to no account. */
  set_console_handle(handle: string): void
  console_handle: string
}

/** A request of a signed-in person. */
export type PersonCtx = PageCtx & { person: Person }

/** A request of somebody who works in the console. */
export type OperatorCtx = PageCtx & { operator: Operator }

/** The context that a page gets behind a guard. */
export interface GuardedPageCtx {
  anyone: PageCtx
  person: PersonCtx
  operator: OperatorCtx
}

/** The name of a guard. */
export type PageGuard = keyof GuardedPageCtx

interface PageFacts {
  /** Whether people see it who have not shown their second factor yet. */
  before_mfa?: boolean
  /** Bytes that a form may have; 64 KiB unless told otherwise. */
  max_bytes?: number
}

/** A row of the page table. */
export interface Page extends PageFacts {
  method: 'GET' | 'POST'
  /** Path with `:name` parameters, below /pages or /console. */
  path: string
  guard: PageGuard
  answer(ctx: PageCtx): Promise<PageReply> | PageReply
}

/** Makes a row; the guard gives the page the type of its context. */
export function page<Guard extends PageGuard>(
  method: Page['method'],
  path: string,
  guard: Guard,
  answer: (ctx: GuardedPageCtx[Guard]) => Promise<PageReply> | PageReply,
  facts: PageFacts = {},
): Page {
  // The guard has run before, and found the person that the type promises.
  return { ...facts, method, path, guard, answer: (ctx) => answer(ctx as GuardedPageCtx[Guard]) }
}

/** The two rows of a form: it is shown, and it is sent. */
export const formRows = <Guard extends PageGuard>(
  guard: Guard,
  path: string,
  show: (ctx: GuardedPageCtx[Guard]) => Promise<PageReply> | PageReply,
  take: (ctx: GuardedPageCtx[Guard]) => Promise<PageReply> | PageReply,
  facts: PageFacts = {},
): readonly Page[] => [page('GET', path, guard, show, facts), page('POST', path, guard, take, facts)]

/** A redirect to another page. */
export const goTo = (path: string, notice?: Notice): PageReply => ({
  kind: 'redirect',
  path,
  ...(notice && { notice }),
})

/** The address of a request within the pages. */
export const pathWithQuery = ({ path, query }: Pick<PageCtx, 'path' | 'query'>): string =>
  query.size > 0 ? `${path}?${query}` : path

/** A notice of success for the page that follows. */
export const done = (text: string): Notice => ({ kind: 'success', text })
