// Cross-origin requests: the headers of every answer, and preflights (Fetch standard, CORS protocol).

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
const standardHeaders = [
  'accept',
  'authorization',
  'content-type',
  'x-client-ip',
  'x-client-info',
  'x-jwt-aud',
  'x-use-cookie',
  'x-supabase-api-version',
]

/** Headers that answers to cross-origin requests carry, but for methods that no preflight allows. */
export function corsHeaders({ headers, method }: Request): Record<string, string> {
  const isOwn = !headers.get('origin') || !(methods.has(method) || method === 'OPTIONS')
  if (isOwn) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': '*',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'X-Total-Count, Link, X-Supabase-Api-Version',
  }
}

/** Answers preflights: header names must be allowed, in lower case and sorted, as browsers send them. */
export function createPreflight(allowed_headers: readonly string[]): (headers: Headers) => Response {
  const allowed = new Set([...standardHeaders, ...allowed_headers.map((name) => name.trim().toLowerCase())])
  return (headers) => {
    const answer: Record<string, string> = {
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    }
    const method = headers.get('access-control-request-method') ?? ''
    const asked = headers.get('access-control-request-headers')
    if (headers.get('origin') !== null && methods.has(method) && areAllowed(asked, allowed)) {
      answer['access-control-allow-origin'] = '*'
      answer['access-control-allow-credentials'] = 'true'
      answer['access-control-allow-methods'] = method
      if (asked) answer['access-control-allow-headers'] = asked
    }
    return new Response(null, { status: 204, headers: answer })
  }
}

function areAllowed(asked: string | null, allowed: Set<string>): boolean {
  if (!asked) return true
  const names = asked.split(',').map((name) => name.trim())
  return names.every((name, i) => allowed.has(name) && (i === 0 || (names[i - 1] ?? '') < name))
}
