// A browser without scripts for pages through fetch: it keeps cookies, and sends forms with what they hold.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { type Answer, claimsOf, type SignedIn, type TestServer } from './server.ts'

/** A form of a page. */
export interface PageForm {
  action: string
  fields: Record<string, string>
  html: string
}

/** Where a visit ended. */
export interface PageVisit {
  status: number
  /** Path and query of the page. */
  path: string
  text: string
  headers: Headers
  /** An address outside that the visit was sent to; `''` while it stayed here. */
  left_for: string
  forms: PageForm[]
}

/** Somebody who looks at pages: at single answers, or following where they lead. */
export interface Visitor {
  cookies: Map<string, string>
  get(path: string): Promise<Answer>
  /** Sends the form of a page that posts to a path: the fields that it has, with those that are filled in. */
  submit(page: Answer, path: string, fields?: Record<string, string>): Promise<Answer>
  /** Sends a form without having been shown one. */
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
  /** Opens a page, or sends a form to one, and follows redirects within the server. */
  open(target: string, init?: Sending & { method?: string }): Promise<PageVisit>
  /** Sends the form of the page that was opened last whose action holds a text, with some fields filled in, and follows redirects. */
  send(action: string, fields?: Record<string, string>): Promise<PageVisit>
}

/** What a request of a browser may carry. */
interface Sending {
  form?: Record<string, string>
  headers?: object
}

/** The server's origin as browsers see it in tests. */
export const testOrigin = 'http://auth.example.test'

const plain = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')

const attribute = (tag: string, name: string): string => plain(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '')

/** The forms of a page with what their fields hold. */
const formsOf = (text: string): PageForm[] =>
  [...text.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([html]) => ({
    html,
    action: attribute(html.slice(0, html.indexOf('>')), 'action'),
    fields: Object.fromEntries(
      [...html.matchAll(/<input\b[^>]*>/g)]
        .filter(([tag]) => !/type="checkbox"/.test(tag) || / checked/.test(tag))
        .map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')]),
    ),
  }))

/** The first form of a page that posts to a path, whatever its query. */
function formOf(page: Answer, path: string): PageForm {
  const form = formsOf(page.text).find(({ action }) => action.split('?')[0] === path.split('?')[0])
  if (!form) throw new Error(`no form posts to ${path}: ${page.status} ${page.text}`)
  return form
}

/** The fields of that form. */
export const fieldsOf = (page: Answer, path: string): Record<string, string> => formOf(page, path).fields

let visitors = 0

/** A browser that nobody has signed in with yet, at an address of its own unless one is given. */
export function newVisitor(server: TestServer, options: { address?: string; origin?: string } = {}): Visitor {
  const { address = `192.0.${(++visitors >> 8) & 255}.${visitors & 255}`, origin = testOrigin } = options
  const cookies = new Map<string, string>()
  let last: PageVisit | undefined

  const pathOf = (target: string) => (target.startsWith(origin) ? target.slice(origin.length) : target)

  async function ask(method: string, target: string, { form, headers }: Sending = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const own = { ...(cookie !== '' && { cookie }), ...(method === 'POST' && { origin }) }
    const carried = { headers: { ...own, ...headers }, address, ...(form && { form }) }
    const answer = await server.request(method, pathOf(target), carried)
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0/.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }

  async function open(target: string, init: Sending & { method?: string } = {}): Promise<PageVisit> {
    let path = pathOf(target)
    let answer = await ask(init.method ?? 'GET', path, init)
    for (let turn = 0; answer.location !== null; turn++) {
      assert.ok(turn < 10, `too many redirects, last to ${answer.location}`)
      const next = new URL(answer.location, `${origin}${path}`)
      if (next.origin !== origin) {
        const { status, text, headers } = answer
        return { status, text, headers, path, left_for: answer.location, forms: [] }
      }
      path = `${next.pathname}${next.search}`
      answer = await ask('GET', path)
    }
    const { status, text, headers } = answer
    const left_for = headers.get('refresh')?.replace(/^0; url=/, '') ?? ''
    last = { status, text, headers, path, left_for, forms: formsOf(text) }
    return last
  }

  const post: Visitor['post'] = (path, form, headers = {}) => ask('POST', path, { form, headers })
  return {
    cookies,
    get: (path) => ask('GET', path),
    post,
    submit(page, path, fields = {}) {
      const form = formOf(page, path)
      return post(form.action, { ...form.fields, ...fields })
    },
    open,
    async send(action, fields = {}) {
      const form = last?.forms.find((one) => one.action.includes(action))
      assert.ok(form, `no form to ${action} in ${last?.text}`)
      return open(form.action, { method: 'POST', form: { ...form.fields, ...fields } })
    },
  }
}

/** Gives a browser a session of the pages without a sign-in, by the database; gives its handle. */
export async function signInToPages(
  server: TestServer,
  visitor: Visitor,
  person: Pick<SignedIn, 'access_token'>,
): Promise<string> {
  const handle = randomBytes(32).toString('base64url')
  await server.sql(
    `insert into postern.page_sessions (handle_hash, session_id) values ($1, $2)
      on conflict (session_id) do update set handle_hash = excluded.handle_hash`,
    [createHash('sha256').update(handle).digest('hex'), claimsOf(person.access_token).session_id],
  )
  visitor.cookies.set('postern', handle)
  return handle
}

/** The heading of a page. */
export const headingOf = ({ text }: Pick<PageVisit, 'text'>): string => plain(/<h1>([^<]*)<\/h1>/.exec(text)?.[1] ?? '')

/** What the summary of a page says is wrong. */
export const errorsOf = ({ text }: Pick<PageVisit, 'text'>): string[] => {
  const [summary = ''] = /<div class="notice error summary"[\s\S]*?<\/div>/.exec(text) ?? []
  return [...summary.matchAll(/<li>(?:<a[^>]*>)?([^<]*)/g)].map(([, error = '']) => plain(error))
}
