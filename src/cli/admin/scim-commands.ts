// postern admin scim-token: the tokens by which identity providers of companies manage their people.
import { type Command, text } from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { duration } from '../time-options.ts'
import { UsageError } from '../usage-error.ts'
import { adminCommand } from './admin-command.ts'
import { given } from './list-pages.ts'

const providerWord = {
  name: 'PROVIDER',
  about: 'an SSO provider: its id, its resource id, its entity id, or a domain of its people',
}

/** @throws UsageError for a name that no provider has, or several */
async function tokensOf(api: LocalApi, name = ''): Promise<string> {
  const { items } = Object(await api.call('GET', '/admin/sso/providers'))
  const found = items.filter(
    ({ id, resource_id, saml, domains }: Record<string, unknown>) =>
      [id, resource_id, Object(saml).entity_id].includes(name) ||
      (domains as { domain: string }[]).some(({ domain }) => domain === name.toLowerCase()),
  )
  if (found.length > 1) throw new UsageError(`more than one SSO provider is ${name}`)
  if (found.length === 0) throw new UsageError(`no SSO provider is ${name}; ${whatThereIs(items)}`)
  return `/admin/sso/providers/${found[0].id}/scim_tokens`
}

/** The domains of the providers that are there, or the ids of those without one; ten of them at most. */
function whatThereIs(providers: { id: string; domains: { domain: string }[] }[]): string {
  const names = providers.flatMap(({ id, domains }) =>
    domains.length > 0 ? domains.map(({ domain }) => domain) : [id],
  )
  if (names.length === 0) return 'there is none: add one by POST /admin/sso/providers (docs/saml.md)'
  return `there are ${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`
}

const most = 10

/** Rows of the table. */
export const scimCommands: Command[] = [
  adminCommand({
    name: 'scim-token list',
    reads: true,
    about: 'list the tokens of an SSO provider for SCIM; what they are is not kept',
    words: [providerWord],
    columns: ['id', 'name', 'created_at', 'last_used_at', 'expires_at'],
    examples: [['postern admin scim-token list acme.example', 'shows when each was used last']],
    async run(api, { words: [name] }) {
      const { scim_tokens } = Object(await api.call('GET', await tokensOf(api, name)))
      return { rows: scim_tokens, total: scim_tokens.length }
    },
  }),
  adminCommand({
    name: 'scim-token create',
    about: 'make a token by which an SSO provider manages its people; it is shown this once',
    words: [providerWord],
    options: {
      name: text('TEXT', 'what it is for, as the audit log tells it', 'scim'),
      'expires-in': duration('how long it is good, ten years at most; for ever without'),
    },
    examples: [['postern admin scim-token create acme.example --name "Entra ID" --expires-in 1y', 'prints the token']],
    run: async (api, { words: [name], values }) =>
      api.call('POST', await tokensOf(api, name), given({ name: values.name, expires_in: values['expires-in'] })),
  }),
  adminCommand({
    name: 'scim-token revoke',
    about: 'end a token of an SSO provider for SCIM',
    words: [providerWord, { name: 'TOKEN', about: 'its id' }],
    examples: [['postern admin scim-token revoke acme.example 0b3c…', 'refuses its requests from now on']],
    async run(api, { words: [name, id = ''] }) {
      await api.call('DELETE', `${await tokensOf(api, name)}/${encodeURIComponent(id)}`)
      return { revoked: id }
    },
  }),
]
