// The fields of an account's metadata that people may change themselves: those that POSTERN_ACCOUNT_FIELDS names.
import { locales } from '../../locale.ts'
import type { PersonCtx } from '../page.ts'

/** A field of the metadata. */
export interface AccountField {
  /** Its name in the metadata. */
  name: string
  label: string
  value: string
  /** As a person reads it. */
  shown: string
  autocomplete: string
  /** Choices, where it is no text. */
  options?: readonly (readonly [value: string, label: string])[]
}

/** Names that have words and a meaning for browsers (HTML, autofill); others are called what the operator calls them. */
const known = {
  full_name: 'name',
  name: 'name',
  given_name: 'given-name',
  family_name: 'family-name',
  nickname: 'nickname',
  company: 'organization',
  website: 'url',
  locale: 'off',
} as const

const isKnown = (name: string): name is keyof typeof known => Object.hasOwn(known, name)

/** The fields with their values; `name:Label` gives a label of one's own. */
export function accountFields({ config, person, words }: PersonCtx): AccountField[] {
  const metadata = Object(person.user.user_metadata)
  const languages = [
    ['', words('account.locale_of_browser')] as const,
    ...Object.entries(locales).map(([tag, { name }]) => [tag, name] as const),
  ]
  return config.account_fields.map((entry) => {
    const at = entry.indexOf(':')
    const name = at < 0 ? entry : entry.slice(0, at)
    const kept: unknown = Object.hasOwn(metadata, name) ? metadata[name] : ''
    const value = ['string', 'number', 'boolean'].includes(typeof kept) ? String(kept) : ''
    const label = at < 0 ? (isKnown(name) ? words(`account.field_${name}`) : name) : entry.slice(at + 1)
    const options = name === 'locale' ? languages : undefined
    const shown = options?.find(([option]) => option === value)?.[1] ?? value
    return { name, label, value, shown, autocomplete: isKnown(name) ? known[name] : 'off', ...(options && { options }) }
  })
}
