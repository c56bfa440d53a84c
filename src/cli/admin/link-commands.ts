// postern admin link and token: what an operator hands to somebody, or uses to see what they see.
import { signJwt } from '../../crypto/jwt.ts'
import { type Command, flag, object, text } from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { readSecret } from '../read-secret.ts'
import { duration } from '../time-options.ts'
import { UsageError } from '../usage-error.ts'
import { adminCommand } from './admin-command.ts'
import { keyRoles, requireRedirect } from './known-names.ts'
import { given } from './list-pages.ts'
import { idOf, userWord } from './several-users.ts'

/** Types of links, with the options that each takes. */
const linkTypes: Record<string, readonly string[]> = {
  signup: ['password', 'metadata'],
  invite: ['metadata'],
  magiclink: [],
  recovery: [],
  email_change_current: ['new-email'],
  email_change_new: ['new-email'],
}

const tenYears_s = 10 * 365 * 86_400

/** Rows of the table. */
export const linkCommands: Command[] = [
  adminCommand({
    name: 'link',
    about: 'make the link of a mail without sending it',
    words: [
      { name: 'TYPE', about: 'what the link is for', choices: Object.keys(linkTypes) },
      { name: 'EMAIL', about: 'an e-mail address' },
    ],
    options: {
      redirect: text('URL', 'where the link leads in the end'),
      'new-email': text('ADDRESS', 'the address that an email_change proves'),
      password: flag('(signup) read the password from standard input, or ask for it'),
      metadata: object('(signup, invite) user_metadata of the account'),
    },
    examples: [
      ['postern admin link recovery ada@example.com', 'makes a link to set a new password, to be handed over'],
      ['postern admin link email_change_new ada@example.com --new-email ada@example.org', 'proves a new address'],
    ],
    async run(api, { words: [type = '', email], values: { redirect, ...values } }) {
      checkLinkOptions(type, values)
      if (redirect !== undefined) requireRedirect(api.config, redirect)
      return api.call('POST', '/admin/generate_link', {
        type,
        email,
        ...given<unknown>({
          redirect_to: redirect,
          new_email: values['new-email'],
          password: values.password ? await readSecret('Password') : undefined,
          data: values.metadata,
        }),
      })
    },
  }),
  adminCommand({
    name: 'token',
    about: 'open a session for somebody, or make an API key of a role',
    words: [{ ...userWord, optional: true }],
    options: {
      role: text('ROLE', 'make an API key of a role instead, such as anon or service_role'),
      'expires-in': duration('how long an API key is good; ten years unless told otherwise'),
    },
    examples: [['postern admin token --role service_role --expires-in 1h', 'makes a key for an hour of scripting']],
    async run(api, { words: [name], values: { role, 'expires-in': expires_in } }) {
      if ((name === undefined) === (role === undefined)) throw new UsageError('token needs a USER or --role')
      if (name !== undefined) return sessionFor(api, name)
      if (!keyRoles(api.config).includes(role ?? ''))
        throw new UsageError(`--role must be one of ${keyRoles(api.config).join(', ')}`)
      const iat = Math.floor(Date.now() / 1000)
      const iss = api.config.jwt_issuer || 'postern'
      return { token: signJwt({ role, iss, iat, exp: iat + (expires_in ?? tenYears_s) }, api.keys.signing) }
    },
  }),
]

function checkLinkOptions(type: string, values: Record<string, unknown>): void {
  const takes = linkTypes[type] ?? []
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== false && !takes.includes(name))
      throw new UsageError(`--${name} does not go with a link of type ${type}`)
  if (takes.includes('new-email') && values['new-email'] === undefined) throw new UsageError('--new-email is missing')
}

async function sessionFor(api: LocalApi, name: string): Promise<unknown> {
  const { email } = Object(await api.call('GET', `/admin/users/${await idOf(api, name)}`))
  if (!email) throw new Error('a session is opened by way of the e-mail address, and this account has none')
  const { hashed_token } = Object(await api.call('POST', '/admin/generate_link', { type: 'magiclink', email }))
  return api.call('POST', '/verify', { type: 'magiclink', token_hash: hashed_token })
}
