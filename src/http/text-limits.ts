// How long texts of a request may be (security rule 12): over it 400 with the name, before anything is done.
import { type AuthError, invalid } from '../errors.ts'

/** Characters of a field of a body, and of a parameter of a query, that has no limit of its own. */
const usual = { field: 512, query: 2048 }

const address = 2048
const token = 65_536
const document = 1_048_576

/** Limits by name; flows may want less, and say so in the recorded words. */
const limits: Readonly<Record<string, number>> = {
  aud: 255,
  role: 255,
  email: 1024,
  new_email: 1024,
  phone: 1024,
  // What is too long for a hash is answered like every wrong password (REV-09); new ones have their own limit.
  password: document,
  current_password: document,
  password_hash: 1024,
  captcha_token: 8192,
  redirect_to: address,
  site_url: address,
  issuer: address,
  discovery_url: address,
  authorization_url: address,
  token_url: address,
  userinfo_url: address,
  jwks_uri: address,
  metadata_url: address,
  resource: address,
  client_id: address,
  client_secret: address,
  // Their flows tell of what is too long in the recorded words.
  client_name: document,
  redirect_uri: 2 * address,
  redirect_uris: 2 * address,
  client_uri: document,
  logo_uri: document,
  scope: 8192,
  scopes: 8192,
  state: 8192,
  code: 8192,
  error_description: 8192,
  relaystate: 8192,
  user: 16_384,
  question: 8192,
  message: 32_768,
  signature: 32_768,
  id_token: token,
  id_token_hint: token,
  access_token: token,
  client_assertion: 16_384,
  credential: token,
  samlrequest: document,
  samlresponse: document,
  metadata_xml: document,
  content: document,
  template: document,
  subject: address,
}

/** @throws AuthError 400 validation_failed that names the text */
function requireShort(name: string, value: string, kind: keyof typeof usual): void {
  const limit = limits[name.toLowerCase()] ?? usual[kind]
  if (value.length > limit) throw invalid(`${name.slice(0, 64)} must be at most ${limit} characters long`)
}

/** Checks the fields of a body, and the texts of lists; those that `long` names may hold a token. */
export function requireShortFields(fields: Record<string, unknown>, long: readonly string[] = []): void {
  for (const [name, value] of Object.entries(fields))
    for (const text of Array.isArray(value) ? value : [value])
      if (typeof text === 'string')
        requireShort(long.includes(name) ? 'access_token' : name, text, Array.isArray(value) ? 'query' : 'field')
}

/** Parameters of a query, and fields of a form, at most: many short ones cost more than a few long ones. */
const mostParameters = 200

const tooMany = (what: string): AuthError => invalid(`${what} has at most ${mostParameters} parameters`)

/** Checks how many fields a form has, before it is taken apart; @throws AuthError 400 validation_failed */
export function requireFewFields(form: string): void {
  let at = -1
  for (let left = mostParameters; left > 0; left--) {
    at = form.indexOf('&', at + 1)
    if (at < 0) return
  }
  throw tooMany('a form')
}

/** Checks the parameters of a query, and the header that may stand in for one. */
export function requireShortQuery(query: URLSearchParams, header: (name: string) => string | undefined): void {
  if (query.size > mostParameters) throw tooMany('a query')
  for (const [name, value] of query) {
    if (name.length > 256) throw invalid(`${name.slice(0, 64)}… is no name of a parameter`)
    requireShort(name, value, 'query')
  }
  requireShort('redirect_to', header('redirect_to') ?? '', 'query')
}
