// A browser without JavaScript, as far as pages need one: it keeps cookies, follows nothing, and sends the forms it was shown.
import { createHash, randomBytes } from 'node:crypto'
import { type Answer, claimsOf, type SignedIn, type TestServer } from './server.ts'

/** Somebody who looks at pages. */
export interface Visitor {
  cookies: Map<string, string>
  get(path: string): Promise<Answer>
  /** Sends a form of a page: the fields that it has, with those that are filled in; it is found by its path. */
  submit(page: Answer, path: string, fields?: Record<string, string>): Promise<Answer>
  /** Sends a form without having been shown one. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
}

/** The origin of test servers. */
export const ownOrigin = 'http://auth.example.test'

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const unescapeHtml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name] ?? '')

/** The fields of the first form of a page that posts to a path. */
export function fieldsOf(page: Answer, path: string): Record<string, string> {
  for (const [, attributes = '', body = ''] of page.text.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)) {
    if (unescapeHtml(/action="([^"]*)"/.exec(attributes)?.[1] ?? '').split('?')[0] !== path) continue
    const fields: Record<string, string> = {}
    for (const [input] of body.matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1]
      if (name && !/type="(checkbox|radio)"/.test(input))
        fields[name] = unescapeHtml(/value="([^"]*)"/.exec(input)?.[1] ?? '')
    }
    return fields
  }
  throw new Error(`no form posts to ${path}: ${page.status} ${page.text}`)
}

let visitors = 0

/** A browser that nobody has signed in with yet, at an address of its own. */
export function newVisitor(server: TestServer, headers: Record<string, string> = {}): Visitor {
  const cookies = new Map<string, string>()
  const address = `192.0.${(++visitors >> 8) & 255}.${visitors & 255}`
  async function ask(method: string, path: string, more: Parameters<TestServer['request']>[2] = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await server.request(method, path.startsWith(ownOrigin) ? path.slice(ownOrigin.length) : path, {
      address,
      ...more,
      headers: { ...headers, ...(cookie !== '' && { cookie }), ...more.headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  const post: Visitor['post'] = (path, form, more = {}) =>
    ask('POST', path, { form, headers: { origin: ownOrigin, ...more } })
  return {
    cookies,
    get: (path) => ask('GET', path),
    post,
    submit: (page, path, fields = {}) => post(path, { ...fieldsOf(page, path.split('?')[0] ?? ''), ...fields }),
  }
}

/** Gives a browser a session of the pages without a sign-in, by the database. */
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
