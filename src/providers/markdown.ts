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
\`GOTRUE_CUSTOM_OAUTH_ENABLED=true\`, \`postern admin providers add\`, or *Providers* in the console. Its addresses are https and public;
\`POSTERN_ALLOW_PRIVATE_PROVIDERS=true\` lets them be in a private network too, where a company's own directory is: whoever may add
providers can then have this server ask addresses in there. In \`postern dev\` the provider \`keycloak\` is a page of the server's own that lets you be
anybody, unless a Keycloak is configured.

An application gets the provider's own tokens with the session (\`provider_token\`, \`provider_refresh_token\`), once. With
\`POSTERN_PROVIDER_TOKENS=store\` they are kept too, sealed under \`POSTERN_SERVER_KEY\`, and \`GET /user/identities/{identity_id}/token\`
answers a signed-in person's application with \`{ access_token, expires_at, provider }\`, refreshed where it has expired. 404
\`provider_token_not_found\`, 422 \`provider_token_expired\` and \`provider_consent_withdrawn\` mean that the person signs in with the
provider again.`

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
