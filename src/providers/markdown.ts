// Writes docs/providers.md from the registry.
import type { Provider } from './provider.ts'
import { oauth1Provider, providers } from './registry.ts'

const introduction = `Generated from \`src/providers/\` by \`npm run docs\`; a test keeps it in step.

A provider is switched on by its variables, \`GOTRUE_EXTERNAL_<NAME>_ENABLED\`, \`_CLIENT_ID\`, \`_SECRET\` and \`_REDIRECT_URI\`
([configuration](configuration.md)). The last column says which field of the provider's answer proves that an e-mail address is the
person's. Where there is none, the address counts as unverified: somebody who comes for the first time confirms it by mail, and
it never links accounts. \`true\` counts as text too; anything else is no proof.

The callback is \`API_EXTERNAL_URL\` + \`/callback\` where \`_REDIRECT_URI\` is empty. With \`_EMAIL_OPTIONAL=true\` the scope in
parentheses is not asked for, since the provider refuses applications that may not ask for it; \`scopes=\` of the request
still can.

Any other provider of OpenID Connect or OAuth 2.0 is added by an administrator, \`POST /admin/custom-providers\`, with
\`GOTRUE_CUSTOM_OAUTH_ENABLED=true\`. In \`postern dev\` the provider \`keycloak\` is a page of the server's own that lets you be
anybody, unless a Keycloak is configured.`

/** The whole page. */
export function providersMarkdown(): string {
  const rows = Object.entries(providers).map(([name, provider]) => row(name, provider))
  const all = [...rows, `| X (Twitter), OAuth 1.0a | \`${oauth1Provider}\` | | the profile's \`email\` |`].sort()
  const table = [
    '| provider | name | scopes that are always asked for | proof of the address |',
    '| --- | --- | --- | --- |',
    ...all,
  ]
  return `# Providers\n\n${introduction}\n\n${table.join('\n')}\n`
}

const row = (name: string, { title, scopes, email_scope, email_proof }: Provider): string =>
  `| ${title} | \`${name}\` | ${scopes.map((scope) => (scope === email_scope ? `(\`${scope}\`)` : `\`${scope}\``)).join(' ')} | ${email_proof === null ? 'none' : `\`${email_proof}\``} |`
