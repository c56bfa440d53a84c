// Replies and errors as HTTP: JSON as the reference writes it, redirects, and the two forms of an error.
import { AuthError, OAuthError, unexpected } from '../errors.ts'
import { escapeHtml } from '../escape-html.ts'
import { type Reply, scimError } from '../reply.ts'
import { constraintRefusal } from '../storage/constraint-refusal.ts'
import { DatabaseError } from '../storage/db.ts'

/** JSON text with `<`, `>`, `&` and line separators escaped, as Go's encoder writes them. */
export const toJson = (value: unknown): string => escapeJson(JSON.stringify(value))

function escapeJson(text: string): string {
  return /[<>&\u2028\u2029]/.test(text)
    ? text.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text
}

/**
 * What every answer says: not to be taken for another type than it says and, unless a flow says otherwise, for no cache
 * (security REV-23). Over plain HTTP, where no cache of a browser or proxy can be trusted anyway, it stays as recorded.
 */
export const commonHeaders = (api_external_url: string): Record<string, string> => ({
  ...(/^https:/i.test(api_external_url) && { 'cache-control': 'no-store' }),
  'x-content-type-options': 'nosniff',
})

/** A flow's answer as a Response. */
export function renderReply(reply: Reply, method: string, headers: Record<string, string>): Response {
  const all: Record<string, string> = { ...headers, ...reply.headers }
  if (reply.location !== undefined) {
    const location = asciiAddress(reply.location)
    const text = reply.status === 302 ? 'Found' : 'See Other'
    const withBody = method === 'GET'
    if (withBody) all['content-type'] = 'text/html; charset=utf-8'
    all.location = location
    const body = withBody ? `<a href="${escapeHtml(location)}">${text}</a>.\n\n` : null
    return new Response(body, { status: reply.status, headers: all })
  }
  if (reply.text !== undefined) {
    all['content-type'] = reply.content_type ?? 'text/plain; charset=utf-8'
    return new Response(reply.text, { status: reply.status, headers: all })
  }
  if (reply.stream) {
    all['content-type'] = reply.content_type ?? 'application/octet-stream'
    return new Response(reply.stream, { status: reply.status, headers: all })
  }
  if (reply.body === undefined && reply.json_text === undefined)
    return new Response(null, { status: reply.status, headers: all })
  all['content-type'] = 'application/json'
  const text = reply.json_text === undefined ? toJson(reply.body) : escapeJson(reply.json_text)
  return new Response(text, { status: reply.status, headers: all })
}

/** An address in the characters that a header can hold: its host in ASCII (RFC 3490), the rest percent-encoded (RFC 3986 §2.5). */
function asciiAddress(address: string): string {
  const [, scheme = '', authority = '', rest = ''] = /^([a-z][a-z\d+.-]*:\/\/)([^/?#]*)(.*)$/is.exec(address) ?? []
  const isForeign = !/^[\x21-\x7e]*$/.test(authority) && URL.canParse(address)
  const text = isForeign ? `${scheme}${new URL(address).host}${rest}` : address
  return text.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}

/** SQLSTATEs that only constraints and functions of the application raise on purpose. */
const raisedOnPurpose = /^(P0001|PT\d{3})$/

/** What an application's own SQL raised on purpose: its message is the answer (security rule 10). */
function raisedByApplication(error: unknown): DatabaseError | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++)
    if (cause instanceof DatabaseError && raisedOnPurpose.test(cause.sqlstate)) return cause
  return null
}

/** Any thrown value as the error that a caller sees. */
function toAuthError(error: unknown): AuthError | OAuthError {
  if (error instanceof AuthError || error instanceof OAuthError) return error
  const refused = constraintRefusal(error)
  if (refused) return refused
  return unexpected(error)
}

/** An error as a Reply, in the form of the API version that was asked for (errors.md). */
export function renderError(thrown: unknown, version: string, error_id: string): Reply {
  const error = toAuthError(thrown)
  if (error instanceof OAuthError)
    return {
      status: error.status,
      headers: error.headers,
      body: { error: error.error, ...(error.description && { error_description: error.description }) },
    }
  const isNew = version >= '2024-01-01'
  const { status, message, details } = error
  const code = error.code || (status === 500 ? 'unexpected_failure' : 'unknown')
  const headers: Record<string, string> = { ...details.headers }
  if (isNew) headers['x-supabase-api-version'] = '2024-01-01'
  if (error.code && !(isNew && code === 'weak_password')) headers['x-sb-error-code'] = code
  if (details.retry_after !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(details.retry_after)))
  const weak = details.reasons && { weak_password: { reasons: details.reasons } }
  if (isNew) return { status, headers, body: { code, message, ...weak } }
  const raised = status >= 500 ? raisedByApplication(thrown) : null
  if (raised) {
    const own = Number(/^PT(\d{3})$/.exec(raised.sqlstate)?.[1] ?? 500)
    const { message: text, hint, detail } = raised
    return {
      // A failure is never shown as success (rule 8), and not every number can be sent.
      status: own >= 400 && own <= 599 ? own : 500,
      headers,
      body: { code: raised.sqlstate, message: text, ...(hint && { hint }), ...(detail && { detail }) },
    }
  }
  const id = status >= 500 && error_id !== '' ? { error_id } : {}
  return { status, headers, body: { code: status, error_code: code, msg: message, ...id, ...weak } }
}

/** An error in the form of SCIM (RFC 7644 §3.12); that the whole of it is switched off is told like anywhere else. */
export function renderScimError(thrown: unknown, version: string): Reply {
  const error = toAuthError(thrown)
  if (error instanceof OAuthError || error.code === 'feature_disabled') return renderError(error, version, '')
  const { status, details } = error
  const own = status >= 500 ? raisedByApplication(thrown)?.message : undefined
  const headers: Record<string, string> = { ...details.headers }
  if (details.retry_after !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(details.retry_after)))
  const kind = details.scim_type ?? (error.code === 'bad_json' ? 'invalidSyntax' : undefined)
  return { ...scimError(status, own ?? error.message, kind), headers }
}
