// Accounts as a line names them: one or several, by id, e-mail address or phone number.
import type { Word } from '../command.ts'
import type { LocalApi } from '../local-api.ts'
import { Refused } from '../refused.ts'

/** The word for an account. */
export const userWord: Word = { name: 'USER', about: 'an id, an e-mail address or a phone number' }

/** The word for accounts. */
export const usersWord: Word = { ...userWord, many: true }

/** What came of the same thing done to several accounts; one that fails does not keep the others from it. */
export interface Several {
  asked: number
  answers: unknown[]
  problems: string[]
}

/** Does something to each account of a line, in turn. */
export async function eachUser(
  api: LocalApi,
  names: readonly string[],
  act: (id: string) => Promise<unknown>,
): Promise<Several> {
  const outcome: Several = { asked: names.length, answers: [], problems: [] }
  for (const name of names) {
    try {
      outcome.answers.push(await act(await idOf(api, name)))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      outcome.problems.push(names.length > 1 ? `${name}: ${error.message}` : error.message)
    }
  }
  return outcome
}

/**
 * The id of an account.
 * @throws Refused when there is none, or more than one
 */
export async function idOf(api: LocalApi, name = ''): Promise<string> {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(name)) return name
  const { users } = Object(await api.call('GET', `/admin/users?${new URLSearchParams(addressOf(name))}`))
  const ids: string[] = users.map(({ id }: { id: string }) => id)
  const [id] = ids
  if (id === undefined) throw new Refused(`there is no user ${name}`)
  if (ids.length > 1) throw new Refused(`${ids.length} accounts have ${name}; name one by its id: ${ids.join(', ')}`)
  return id
}

function addressOf(name: string): Record<string, string> {
  if (name.includes('@')) return { email: name.toLowerCase() }
  const phone = name.replace(/^\+/, '').replace(/[ ().-]/g, '')
  if (/^\d{3,15}$/.test(phone)) return { phone }
  throw new Refused(`${name} is no id, e-mail address or phone number`)
}
