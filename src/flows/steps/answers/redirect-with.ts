// Addresses that a browser is sent to with a result: their own parameters stay as they are, ours follow, sorted by name.
import type { AuthError } from '../../../errors.ts'
import type { Reply } from '../../../reply.ts'

/** `a=b&c=d`, sorted by name, spaces as `+`. */
const encode = (parameters: Record<string, string>): string =>
  new URLSearchParams(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))).toString()

/** Adds parameters to the query of an address, beside those it has, and sets its fragment or leaves it. */
export function redirectWith(
  address: string,
  parts: { query?: Record<string, string>; fragment?: Record<string, string> },
): string {
  const [before = '', kept] = splitOnce(address, '#')
  const [base = '', present = ''] = splitOnce(before, '?')
  const query = parts.query ? [...without(present, parts.query), encode(parts.query)].join('&') : present
  const fragment = parts.fragment ? encode(parts.fragment) : kept
  return `${base}${query === '' ? '' : `?${query}`}${fragment === undefined ? '' : `#${fragment}`}`
}

/** The pairs of a query as they were written and in their order, but for names that are set anew. */
const without = (query: string, set: Record<string, string>): string[] =>
  query.split('&').filter((pair) => {
    const [name = ''] = new URLSearchParams(pair).keys()
    return pair !== '' && !Object.hasOwn(set, name)
  })

const splitOnce = (text: string, mark: string): string[] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

const errorNames: Record<number, string> = {
  400: 'invalid_request',
  401: 'unauthorized_client',
  403: 'access_denied',
  500: 'server_error',
  503: 'temporarily_unavailable',
}

/** The parameters that tell of an error; `error` depends on the status and is absent for others. */
export function errorParameters(error: AuthError): Record<string, string> {
  const name = errorNames[error.status]
  return { ...(name && { error: name }), error_code: error.code, error_description: error.message }
}

/** An address that tells of an error in its fragment, for PKCE flows in its query too; as recorded, the fragment is encoded twice. */
export function redirectWithError(address: string, error: AuthError, in_query: boolean): string {
  const parameters = errorParameters(error)
  const target = redirectWith(address, { ...(in_query && { query: parameters }), fragment: { ...parameters, sb: '' } })
  const [before = '', fragment = ''] = splitOnce(target, '#')
  return `${before}#${fragment.replaceAll('%', '%25')}`
}

/** The header that a redirect with an error carries where it is worth trying again (RFC 9110 §10.2.3). */
export const retryHeaders = ({ details }: AuthError): Pick<Reply, 'headers'> =>
  details.retry_after === undefined ? {} : { headers: { 'retry-after': String(details.retry_after) } }
