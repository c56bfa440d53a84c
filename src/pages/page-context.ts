// Makes the context of a page's request: who is signed in, what was filled in, and what this browser keeps.
import { randomBytes } from 'node:crypto'
import type { Config } from '../config/keys.ts'
import { pageAddress, pagePath } from '../config/pages-address.ts'
import type { ServerSealer } from '../crypto/server-sealer.ts'
import { type Locale, localeOf, localeOfHeader, localeOfList, localeOfMetadata } from '../locale.ts'
import type { Logger } from '../log.ts'
import { requireNoOutage } from './api-outage.ts'
import { createAskApi, type InnerFetch } from './ask-api.ts'
import { type Cookies, createCookies } from './cookies.ts'
import { formToken } from './form-token.ts'
import type { Notice, PageCtx, Person } from './page.ts'
import { wordsIn } from './words/words.ts'

/** What pages are made of. */
export interface PageParts {
  config: Config
  log: Logger
  /** The server's API, with the rows that only pages may ask. */
  ask: InnerFetch
  sealer: ServerSealer
  /** Key of the form tokens. */
  form_key: Buffer
}

/** Seconds that cookies live: those of a session, of a language and forms, and of values between two pages. */
const lives = { session: 30 * 86_400, console: 8 * 3600, lasting: 365 * 86_400, between: 1800 }

/** The context of a request, its cookies, and the seconds to wait that the API told with a refusal. */
export async function createPageContext(
  parts: PageParts,
  request: Request,
  url: URL,
  path: string,
  client_address: string,
): Promise<{ ctx: PageCtx; cookies: Cookies; waits: () => string | null }> {
  const { config, log, sealer, form_key } = parts
  const cookies = createCookies(request.headers.get('cookie'), config)
  const browser = await readBrowser(parts, request, cookies, { url, path, client_address })
  const { api, stream, waits, person, operator, words } = browser
  const keep = (name: string, value: unknown) =>
    cookies.set(name, value === null ? '' : sealer.seal(JSON.stringify({ name, value })), lives.between)
  const notice = kept(sealer, cookies, 'notice') as Notice | null
  const ctx: PageCtx = {
    config,
    log,
    api,
    stream,
    person,
    operator,
    client_address,
    notice,
    method: request.method === 'POST' ? 'POST' : 'GET',
    path,
    query: url.searchParams,
    path_params: {},
    form: {},
    form_all: [],
    files: {},
    words,
    user_agent: (request.headers.get('user-agent') ?? '').slice(0, 512),
    get csrf() {
      if (cookies.read('form') === '') cookies.set('form', randomBytes(32).toString('base64url'), lives.lasting)
      return formToken(form_key, cookies.read('form'), cookies.read('') + cookies.read('console'))
    },
    address: (target) => pagePath(config, target),
    absolute: (target) => pageAddress(config, target),
    kept: (name) => kept(sealer, cookies, `kept-${name}`),
    keep: (name, value) => keep(`kept-${name}`, value),
    get handle() {
      return cookies.read('')
    },
    set_handle(handle) {
      cookies.set('', handle, lives.session)
      // Whoever knew the forms of this browser before somebody signed in knows nothing of those after it.
      cookies.set('form', randomBytes(32).toString('base64url'), lives.lasting)
    },
    get console_handle() {
      return cookies.read('console')
    },
    set_console_handle(handle) {
      cookies.set('console', handle, lives.console)
      cookies.set('form', randomBytes(32).toString('base64url'), lives.lasting)
    },
  }
  return { ctx, cookies, waits }
}

/** Who is signed in with a browser, in which language, and how the API is asked for it. */
async function readBrowser(
  { config, ask }: PageParts,
  request: Request,
  cookies: Cookies,
  { url, path, client_address }: { url: URL; path: string; client_address: string },
) {
  const chosen = chosenLocale(url, cookies)
  const preferred = request.headers.get('accept-language') ?? ''
  const languages = [...(chosen ? [chosen] : []), preferred].join(',')
  const device = {
    token: cookies.read('device'),
    renew: (token: string) => cookies.set('device', token, lives.session),
  }
  const asked = createAskApi(ask, config, { request, client_address, languages, device })
  const isConsole = /^\/console(\/|$)/.test(path)
  const [person, operator] = await Promise.all([
    readPerson(asked.api, cookies.read('')),
    isConsole ? readOperator(asked.api, cookies) : { refused: '' },
  ])
  const locale = chosen ?? localeOfMetadata(Object(person?.user.user_metadata)) ?? localeOfHeader(preferred) ?? 'en'
  return { ...asked, person, operator, words: wordsIn(locale) }
}

/** Leaves a notice for the next page. */
export const leaveNotice = (cookies: Cookies, sealer: ServerSealer, notice: Notice): void =>
  cookies.set('notice', sealer.seal(JSON.stringify({ name: 'notice', value: notice })), 60)

/** A value that was sealed under the same name; anything else counts as none. */
function kept(sealer: ServerSealer, cookies: Cookies, name: string): unknown {
  try {
    const { name: sealed_as, value } = Object(JSON.parse(sealer.open(cookies.read(name))))
    return sealed_as === name ? value : null
  } catch {
    return null
  }
}

async function readPerson(api: PageCtx['api'], handle: string): Promise<Person | null> {
  if (handle === '') return null
  const answer = await api('POST', '/pages/session/read', { body: { handle } })
  const { ok, body } = requireNoOutage(answer, 'the session of a page could not be read')
  if (!ok) return null
  const { user, access_token, session_id, aal, next } = Object(body)
  return { user, token: access_token, session_id, aal, next: next ?? '' }
}

async function readOperator(api: PageCtx['api'], cookies: Cookies): Promise<PageCtx['operator']> {
  const handles = { console_handle: cookies.read('console'), handle: cookies.read('') }
  if (handles.console_handle === '' && handles.handle === '') return { refused: '' }
  const answer = await api('POST', '/console/operator', { body: handles })
  const { ok, body, code } = requireNoOutage(answer, 'the operator of a page could not be read')
  const { id, name, token } = Object(body)
  return ok ? { id, name, token } : { refused: code }
}

/** The language that the address asks for, which is kept, or asked for before; null where nobody chose one. */
function chosenLocale(url: URL, cookies: Cookies): Locale | null {
  const asked = localeOfList(url.searchParams.get('ui_locales') ?? '')
  if (asked !== null && asked !== cookies.read('locale')) cookies.set('locale', asked, lives.lasting)
  return asked ?? localeOf(cookies.read('locale'))
}
