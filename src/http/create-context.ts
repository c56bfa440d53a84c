// Makes the context of a request: what flows may know of it, without the Request itself.
import { randomUUID } from 'node:crypto'
import type { Ctx, Deps } from '../context.ts'
import type { Claims } from '../crypto/jwt.ts'
import { isAllowedReturn } from '../flows/steps/answers/allowed-redirect.ts'
import { bearerClaimsOrNull } from '../flows/steps/requests/bearer.ts'
import { clientAddress, clientOf } from '../limits/client-address.ts'
import { tagsOfHeader, tagsOfList } from '../locale.ts'
import { hasBrokenPair, readPairs } from './read-pairs.ts'

/** Facts about a connection that only the runtime knows. */
export interface Connection {
  /** Address of the socket's other end; `''` when unknown. */
  client_address: string
}

/** The context of one request. */
export function createContext(deps: Deps, request: Request, url: URL, connection: Connection): Ctx {
  const { config } = deps
  const { headers } = request
  const query = readPairs(url.search)
  // Of a query with a broken pair no address is taken at all, though its other parameters are.
  const redirect = once(() => redirectTo(deps, headers, hasBrokenPair(url.search) ? null : query.get('redirect_to')))
  const header = (name: string) => headers.get(name) ?? undefined
  const client = once(() => clientOf(header, connection.client_address, config))
  const ctx: Ctx = {
    ...deps,
    request_id: requestId(deps, headers),
    method: request.method,
    path: url.pathname,
    client_address: clientAddress(header, connection.client_address, config),
    get client() {
      return client()
    },
    user_agent: (headers.get('user-agent') ?? '').slice(0, 512),
    api_version: apiVersion(headers.get('x-supabase-api-version')),
    get aud() {
      return audience(deps, headers, ctx.caller?.claims ?? ctx.admin)
    },
    get redirect_to() {
      return redirect()
    },
    get external_url() {
      return externalUrl(deps, headers)
    },
    get languages() {
      return [...tagsOfList(query.get('ui_locales') ?? ''), ...tagsOfHeader(header('accept-language') ?? '')]
    },
    query,
    path_params: {},
    header,
    answer_headers: {},
    log_fields: {},
  }
  return ctx
}

/** A value that is worked out when it is first asked for, and then kept. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Only printable text of sensible length names a request in logs and answers. */
function requestId({ config }: Deps, headers: Headers): string {
  if (config.api_request_id_header === '') return randomUUID()
  const given = headers.get(config.api_request_id_header) ?? ''
  return /^[\x21-\x7e]{0,128}$/.test(given) ? given : ''
}

/** A version is a date of the calendar; anything else counts as none. */
function apiVersion(text: string | null): string {
  if (text === null || !/^\d{4}-\d\d-\d\d$/.test(text)) return ''
  const at = Date.parse(text)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) ? text : ''
}

/** The claims of a caller that a guard has let pass are known; else the token is read here, if there is a good one. */
function audience({ config, keys, now }: Deps, headers: Headers, known: Claims | undefined): string {
  const asked = headers.get('x-jwt-aud')
  if (asked) return asked
  const claims = known ?? bearerClaimsOrNull({ keys, now }, headers.get('authorization') ?? undefined)
  const [aud] = claims ? [claims.aud].flat() : []
  if (claims && typeof aud === 'string' && aud !== '' && !config.jwt_admin_roles.includes(String(claims.role)))
    return aud
  return config.jwt_aud
}

function redirectTo({ config }: Deps, headers: Headers, named: string | null): string {
  const asked = headers.get('redirect_to') || named || ''
  for (const address of [asked, headers.get('referer') ?? '']) if (isAllowedReturn(address, config)) return address
  return config.site_url
}

function externalUrl({ config }: Deps, headers: Headers): string {
  const host = headers.get('x-forwarded-host') ?? ''
  if (host === '' || !config.mailer_external_hosts.includes(host)) return config.api_external_url
  const plain = host === 'localhost' && headers.get('x-forwarded-proto') === 'http'
  return `${plain ? 'http' : 'https'}://${host}`
}
