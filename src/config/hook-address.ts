// Where a hook may be: one reading of its address for the check at the start and for the call.

const localHosts = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal']
const functionUri = /^pg-functions:\/\/[^/]*\/([^/]*)\/([^/]*)$/
const functionName = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/

/** A hook over HTTP, or a function of the database; `problem` says what is wrong with any other address. */
export type HookAddress = { kind: 'http' } | { kind: 'postgres'; schema: string; fn: string } | { problem: string }

/** Reads `https://…`, `http://…` of this machine or of a host that is allowed by name, or `pg-functions://database/schema/function`. */
export function hookAddress(uri: string, http_hosts: readonly string[]): HookAddress {
  const called = functionUri.exec(uri)
  if (called) {
    const [, schema = '', fn = ''] = called
    // The two names become part of a statement.
    if (functionName.test(schema) && functionName.test(fn)) return { kind: 'postgres', schema, fn }
    return { problem: 'must name a schema and a function by letters, digits and underscores, 63 at most' }
  }
  const { protocol, hostname } = URL.canParse(uri) ? new URL(uri) : { protocol: '', hostname: '' }
  if (protocol === 'https:') return { kind: 'http' }
  if (protocol !== 'http:')
    return { problem: 'must be https://…, http://localhost… or pg-functions://database/schema/function' }
  // What a hook is told, and what it decides, would cross a network in the clear.
  const allowed = [...localHosts, ...http_hosts.map((host) => host.toLowerCase())]
  if (allowed.includes(hostname)) return { kind: 'http' }
  return {
    problem:
      'is wrong: only localhost, 127.0.0.1, and ::1 are supported with http (POSTERN_HOOK_ALLOW_HTTP_HOSTS allows more)',
  }
}
