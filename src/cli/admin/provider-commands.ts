// postern admin providers: the providers of sign-in that administrators add, beside those of the configuration.
import { type Command, choice, flag, object, text, texts, type Values } from '../command.ts'
import { readSecret } from '../read-secret.ts'
import { UsageError } from '../usage-error.ts'
import { adminCommand } from './admin-command.ts'
import { given } from './list-pages.ts'

const yesOrNo = (about: string) => choice(['yes', 'no'], about)

const fieldOptions = {
  name: text('TEXT', 'what people see'),
  'client-id': text('ID', 'the id of this server there'),
  'client-secret': flag('read the secret from standard input, or ask for it'),
  issuer: text('URL', '(oidc) the issuer; the rest is discovered'),
  'discovery-url': text('URL', '(oidc) where the discovery document lies, if not below the issuer'),
  'authorization-url': text('URL', '(oauth2) where people sign in'),
  'token-url': text('URL', '(oauth2) where codes are exchanged'),
  'userinfo-url': text('URL', '(oauth2) where the profile is read'),
  'jwks-uri': text('URL', '(oauth2) where keys of ID tokens lie'),
  scope: texts('NAME', 'a scope that is asked for; may be given several times'),
  mapping: object('which claims are which attributes'),
  enabled: yesOrNo('whether people can sign in with it, default yes'),
  pkce: yesOrNo('whether PKCE is used, default yes'),
  'email-optional': yesOrNo('whether people without an address may come in, default no'),
}

const providerWord = { name: 'PROVIDER', about: 'its identifier, which begins with custom:' }
const pathOf = (identifier = '') => `/admin/custom-providers/${encodeURIComponent(identifier)}`
const asBoolean = (value: 'yes' | 'no' | undefined) => (value === undefined ? undefined : value === 'yes')

async function fieldsOf(values: Values<typeof fieldOptions>): Promise<Record<string, unknown>> {
  return given<unknown>({
    name: values.name,
    client_id: values['client-id'],
    client_secret: values['client-secret'] ? await readSecret('Client secret') : undefined,
    issuer: values.issuer,
    discovery_url: values['discovery-url'],
    authorization_url: values['authorization-url'],
    token_url: values['token-url'],
    userinfo_url: values['userinfo-url'],
    jwks_uri: values['jwks-uri'],
    scopes: values.scope.length > 0 ? values.scope : undefined,
    attribute_mapping: values.mapping,
    enabled: asBoolean(values.enabled),
    pkce_enabled: asBoolean(values.pkce),
    email_optional: asBoolean(values['email-optional']),
  })
}

/** Options of the other type of provider, which the API would take without a word. */
const ofOtherType = {
  oidc: ['authorization-url', 'token-url', 'userinfo-url', 'jwks-uri'],
  oauth2: ['issuer', 'discovery-url'],
} as const

function checkType(type: 'oidc' | 'oauth2', values: Values<typeof fieldOptions>): void {
  for (const name of ofOtherType[type])
    if (values[name] !== undefined) throw new UsageError(`--${name} does not go with a provider of type ${type}`)
}

/** Rows of the table. */
export const providerCommands: Command[] = [
  adminCommand({
    name: 'providers list',
    reads: true,
    about: 'list the providers that were added',
    columns: ['identifier', 'provider_type', 'name', 'enabled', 'client_id', 'created_at'],
    examples: [['postern admin providers list', 'shows each with its identifier']],
    async run(api) {
      const { providers } = Object(await api.call('GET', '/admin/custom-providers'))
      return { rows: providers, total: providers.length }
    },
  }),
  adminCommand({
    name: 'providers get',
    reads: true,
    about: 'show a provider; its secret is never shown',
    words: [providerWord],
    examples: [['postern admin providers get custom:acme', 'shows scopes, addresses and switches']],
    run: async (api, { words: [identifier] }) => api.call('GET', pathOf(identifier)),
  }),
  adminCommand({
    name: 'providers add',
    about: 'add a provider of OpenID Connect or OAuth 2.0',
    words: [providerWord],
    options: { type: choice(['oidc', 'oauth2'], 'what it speaks, default oidc', 'oidc'), ...fieldOptions },
    examples: [
      [
        'postern admin providers add custom:acme --name Acme --issuer https://id.acme.example --client-id postern --client-secret',
        'asks for the secret and discovers the rest',
      ],
    ],
    async run(api, { words: [identifier], values: { type, ...values } }) {
      checkType(type, values)
      if (!values['client-secret']) throw new UsageError('--client-secret is missing')
      return api.call('POST', '/admin/custom-providers', {
        provider_type: type,
        identifier,
        ...(await fieldsOf(values)),
      })
    },
  }),
  adminCommand({
    name: 'providers update',
    about: 'change a provider',
    words: [providerWord],
    options: fieldOptions,
    examples: [['postern admin providers update custom:acme --enabled no', 'keeps people from signing in with it']],
    async run(api, { words: [identifier], values }) {
      const { provider_type } = Object(await api.call('GET', pathOf(identifier)))
      checkType(provider_type === 'oauth2' ? 'oauth2' : 'oidc', values)
      const fields = await fieldsOf(values)
      if (Object.keys(fields).length === 0) throw new UsageError('nothing to change is given')
      return api.call('PUT', pathOf(identifier), fields)
    },
  }),
  adminCommand({
    name: 'providers remove',
    about: 'remove a provider; accounts and identities stay',
    words: [providerWord],
    examples: [['postern admin providers remove custom:acme', 'ends sign-in with it']],
    async run(api, { words: [identifier] }) {
      await api.call('DELETE', pathOf(identifier))
      return { removed: identifier }
    },
  }),
]
