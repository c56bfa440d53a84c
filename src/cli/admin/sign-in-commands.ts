// postern admin factors and identities: the ways in which somebody signs in.
import type { Command } from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { Refused } from '../refused.ts'
import { adminCommand } from './admin-command.ts'
import { idOf, userWord } from './several-users.ts'

type Row = Record<string, unknown>

const listed = (rows: Row[]) => ({ rows, total: rows.length })

const factorsOf = async (api: LocalApi, id: string): Promise<Row[]> =>
  [...Object.values(Object(await api.call('GET', `/admin/users/${id}/factors`)))].map((row) => Object(row))

const identitiesOf = async (api: LocalApi, id: string): Promise<Row[]> =>
  Object(await api.call('GET', `/admin/users/${id}`)).identities

/** Rows of the table. */
export const signInCommands: Command[] = [
  adminCommand({
    name: 'factors list',
    reads: true,
    about: 'list the second factors of somebody',
    words: [userWord],
    columns: ['id', 'factor_type', 'friendly_name', 'phone', 'status', 'created_at', 'last_challenged_at'],
    examples: [['postern admin factors list ada@example.com', 'shows authenticator apps, phones and keys']],
    run: async (api, { words: [name] }) => listed(await factorsOf(api, await idOf(api, name))),
  }),
  adminCommand({
    name: 'factors remove',
    about: 'take second factors from somebody who lost them',
    words: [userWord, { name: 'FACTOR', about: 'the id of a factor; all without one', optional: true, many: true }],
    examples: [['postern admin factors remove ada@example.com', 'lets somebody in whose phone is lost']],
    async run(api, { words: [name, ...factors] }) {
      const id = await idOf(api, name)
      const known = (await factorsOf(api, id)).map((factor) => String(factor.id))
      const unknown = factors.find((factor) => !known.includes(factor))
      if (unknown !== undefined) throw new Refused(`this account has no factor ${unknown}`)
      const removed = factors.length > 0 ? factors : known
      for (const factor of removed) await api.call('DELETE', `/admin/users/${id}/factors/${factor}`)
      return { removed: removed.length, factors: removed }
    },
  }),
  adminCommand({
    name: 'identities list',
    reads: true,
    about: 'list the providers that somebody signs in with',
    words: [userWord],
    columns: ['identity_id', 'provider', 'id', 'email', 'created_at', 'last_sign_in_at'],
    examples: [['postern admin identities list ada@example.com', 'shows each provider with the id there']],
    run: async (api, { words: [name] }) => listed(await identitiesOf(api, await idOf(api, name))),
  }),
  adminCommand({
    name: 'identities remove',
    about: 'take a way to sign in from somebody; the last one stays',
    words: [userWord, { name: 'IDENTITY', about: 'an identity_id, or the name of a provider' }],
    examples: [['postern admin identities remove ada@example.com github', 'unlinks GitHub from the account']],
    async run(api, { words: [name, wanted = ''] }) {
      const id = await idOf(api, name)
      const found = (await identitiesOf(api, id)).filter(({ identity_id, provider }) =>
        [identity_id, provider].includes(wanted),
      )
      const [identity] = found
      if (!identity) throw new Refused(`this account has no identity ${wanted}`)
      if (found.length > 1)
        throw new Refused(
          `this account has ${found.length} identities of ${wanted}; name one: ${found.map(({ identity_id }) => identity_id).join(', ')}`,
        )
      await api.callHere('DELETE', `/admin/users/${id}/identities/${identity.identity_id}`)
      return { removed: identity.identity_id, provider: identity.provider }
    },
  }),
]
