// A browser without scripts for pages through fetch: it keeps cookies, follows redirects, and sends forms with what they hold.
import assert from 'node:assert/strict'
import type { Answer, TestServer } from './server.ts'

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
export const formsOf = (text: string): PageForm[] =>
  [...text.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([html]) => ({
    html,
    action: attribute(html.slice(0, html.indexOf('>')), 'action'),
    fields: Object.fromEntries(
      [...html.matchAll(/<input\b[^>]*>/g)]
        .filter(([tag]) => !/type="checkbox"/.test(tag) || / checked/.test(tag))
        .map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value')]),
    ),
  }))

/** What a request of a browser may carry. */
interface Sending {
  form?: Record<string, string>
  headers?: object
}

/** A browser's cookies, and how it asks a server with them: redirects are followed by whoever needs it. */
export function cookieJar(server: TestServer, options: { address?: string; origin?: string; headers?: object } = {}) {
  const { address = '192.0.2.1', origin = testOrigin } = options
  const cookies = new Map<string, string>()
  async function send(method: string, target: string, init: Sending = {}): Promise<Answer> {
    const path = target.startsWith(origin) ? target.slice(origin.length) : target
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const own = { ...(cookie !== '' && { cookie }), ...(method === 'POST' && { origin }) }
    const headers = { ...options.headers, ...own, ...init.headers }
    const answer = await server.request(method, path, { headers, address, ...(init.form && { form: init.form }) })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0/.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return { cookies, send }
}

/** Somebody who visits the pages of a server. */
export function pageVisitor(server: TestServer, options: { address?: string; origin?: string } = {}) {
  const { origin = testOrigin } = options
  const { cookies, send } = cookieJar(server, options)
  let last: PageVisit | undefined

  /** Opens a page, or sends a form to one, and follows redirects within the server. */
  async function open(
    target: string,
    init: { method?: string; form?: Record<string, string>; headers?: object } = {},
  ): Promise<PageVisit> {
    let path = target.startsWith(origin) ? target.slice(origin.length) : target
    let answer = await send(init.method ?? 'GET', path, init)
    for (let turn = 0; answer.location !== null; turn++) {
      assert.ok(turn < 10, `too many redirects, last to ${answer.location}`)
      const next = new URL(answer.location, `${origin}${path}`)
      if (next.origin !== origin) {
        const { status, text, headers } = answer
        return { status, text, headers, path, left_for: answer.location, forms: [] }
      }
      path = `${next.pathname}${next.search}`
      answer = await send('GET', path)
    }
    const { status, text, headers } = answer
    last = { status, text, headers, path, left_for: '', forms: formsOf(text) }
    return last
  }

  return {
    cookies,
    open,
    /** Sends the form of the last page whose action holds a text, with some fields filled in. */
    async submit(action: string, fields: Record<string, string> = {}): Promise<PageVisit> {
      const form = last?.forms.find((one) => one.action.includes(action))
      assert.ok(form, `no form to ${action} in ${last?.text}`)
      return open(form.action, { method: 'POST', form: { ...form.fields, ...fields } })
    },
  }
}

/** The heading of a page. */
export const headingOf = ({ text }: PageVisit): string => plain(/<h1>([^<]*)<\/h1>/.exec(text)?.[1] ?? '')

/** What the summary of a page says is wrong. */
export const errorsOf = ({ text }: PageVisit): string[] => {
  const [summary = ''] = /<div class="notice error summary"[\s\S]*?<\/div>/.exec(text) ?? []
  return [...summary.matchAll(/<li>(?:<a[^>]*>)?([^<]*)/g)].map(([, error = '']) => plain(error))
}
