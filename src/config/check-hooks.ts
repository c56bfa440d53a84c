// Checks where hooks are and what signs their calls; as in the reference also of hooks that are off.
import { hookNames } from './families.ts'
import type { Config } from './keys.ts'

const localHosts = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal']
const functionUri = /^pg-functions:\/\/[^/]*\/([^/]*)\/([^/]*)$/
const functionName = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/
const secretForm = /^(v1,whsec_[A-Za-z0-9+/=]{32,88}|v1a,whpk_[A-Za-z0-9+/=]+:whsk_[A-Za-z0-9+/=]+)$/

/** Sentences on what is wrong with the hooks. */
export function checkHooks(config: Config): string[] {
  return hookNames.flatMap((name) => {
    const { enabled, uri, secrets } = config.hooks[name]
    const variable = `GOTRUE_HOOK_${name.toUpperCase()}`
    const problems: string[] = []
    const wrong = uri === '' ? '' : problemOfUri(uri, config.hook_allow_http_hosts)
    if (enabled && uri === '') problems.push(`${variable}_URI is required when the hook is on`)
    if (wrong !== '') problems.push(`${variable}_URI ${wrong}`)
    if (!secrets.every((secret) => secretForm.test(secret)))
      problems.push(
        `${variable}_SECRETS must each be v1,whsec_ and 32 to 88 characters of base64, or v1a,whpk_…:whsk_…, with | between`,
      )
    return problems
  })
}

/** What is wrong with an address; `''` for a good one. */
function problemOfUri(uri: string, http_hosts: readonly string[]): string {
  const called = functionUri.exec(uri)
  if (called) {
    const [, schema = '', name = ''] = called
    // The two names become part of a statement.
    if (functionName.test(schema) && functionName.test(name)) return ''
    return 'must name a schema and a function by letters, digits and underscores, 63 at most'
  }
  const { protocol, hostname } = URL.canParse(uri) ? new URL(uri) : { protocol: '', hostname: '' }
  if (protocol === 'https:') return ''
  if (protocol !== 'http:') return 'must be https://…, http://localhost… or pg-functions://database/schema/function'
  // What a hook is told, and what it decides, would cross a network in the clear.
  const allowed = [...localHosts, ...http_hosts.map((host) => host.toLowerCase())]
  if (allowed.includes(hostname)) return ''
  return 'is wrong: only localhost, 127.0.0.1, and ::1 are supported with http (POSTERN_HOOK_ALLOW_HTTP_HOSTS allows more)'
}
