// postern admin link and token: what an operator hands to somebody, or uses to see what they see.
import { type Command, flag, object, text } from '../command.ts'
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

const hour_s = 3600
const day_s = 86_400
const tenYears_s = 10 * 365 * day_s

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
    about: 'make an access token to see what somebody sees, or an API key of a role',
    words: [{ ...userWord, optional: true }],
    options: {
      role: text('ROLE', 'make an API key of a role instead, such as anon or service_role'),
      'expires-in': duration('how long it is good; an hour for a person, a day at most, and ten years for a key'),
    },
    notes: `The token of a person opens no session and changes nothing of the account; it names you in its claim act, and what is
done with it is in the audit log as yours. An account that is banned, or whose addresses are not confirmed, has none.`,
    examples: [
      ['postern admin token ada@example.com --expires-in 10m', 'sees with the eyes of Ada for ten minutes'],
      ['postern admin token --role service_role --expires-in 1h', 'makes a key for an hour of scripting'],
    ],
    async run(api, { words: [name], values: { role, 'expires-in': expires_in } }) {
      if (name !== undefined && role !== undefined) throw new UsageError('--role does not go with a USER')
      if (name !== undefined) {
        if ((expires_in ?? 0) > day_s) throw new UsageError('--expires-in of a person is a day at most')
        return api.callHere('POST', `/admin/users/${await idOf(api, name)}/token`, { expires_in: expires_in ?? hour_s })
      }
      if (role === undefined) throw new UsageError('token needs a USER or --role')
      if (!keyRoles(api.config).includes(role))
        throw new UsageError(`--role must be one of ${keyRoles(api.config).join(', ')}, not ${role}`)
      return api.callHere('POST', '/admin/api_keys', { role, expires_in: expires_in ?? tenYears_s })
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
