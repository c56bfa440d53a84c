// Somebody who looks at single answers of pages, follows nothing, and sends the forms that were shown.
import { createHash, randomBytes } from 'node:crypto'
import { cookieJar, formsOf, type PageForm } from './page-visitor.ts'
import { type Answer, claimsOf, type SignedIn, type TestServer } from './server.ts'

/** Somebody who looks at pages. */
export interface Visitor {
  cookies: Map<string, string>
  get(path: string): Promise<Answer>
  /** Sends the form of a page that posts to a path: the fields that it has, with those that are filled in. */
  submit(page: Answer, path: string, fields?: Record<string, string>): Promise<Answer>
  /** Sends a form without having been shown one. */
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Answer>
}

/** The first form of a page that posts to a path, whatever its query. */
function formOf(page: Answer, path: string): PageForm {
  const form = formsOf(page.text).find(({ action }) => action.split('?')[0] === path.split('?')[0])
  if (!form) throw new Error(`no form posts to ${path}: ${page.status} ${page.text}`)
  return form
}

/** The fields of that form. */
export const fieldsOf = (page: Answer, path: string): Record<string, string> => formOf(page, path).fields

let visitors = 0

/** A browser that nobody has signed in with yet, at an address of its own. */
export function newVisitor(server: TestServer, headers: Record<string, string> = {}): Visitor {
  const address = `192.0.${(++visitors >> 8) & 255}.${visitors & 255}`
  const { cookies, send } = cookieJar(server, { address, headers })
  const post: Visitor['post'] = (path, form, more = {}) => send('POST', path, { form, headers: more })
  return {
    cookies,
    get: (path) => send('GET', path),
    post,
    submit(page, path, fields = {}) {
      const form = formOf(page, path)
      return post(form.action, { ...form.fields, ...fields })
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
