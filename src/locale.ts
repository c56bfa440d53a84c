// The languages that pages and mails speak, and which of them a person reads.

/** Every language: its own name, and which way it is written. */
export const locales = {
  en: { name: 'English', dir: 'ltr' },
  de: { name: 'Deutsch', dir: 'ltr' },
  fr: { name: 'Français', dir: 'ltr' },
  es: { name: 'Español', dir: 'ltr' },
  pt: { name: 'Português', dir: 'ltr' },
  ja: { name: '日本語', dir: 'ltr' },
  zh: { name: '简体中文', dir: 'ltr' },
  ar: { name: 'العربية', dir: 'rtl' },
} as const satisfies Record<string, { name: string; dir: 'ltr' | 'rtl' }>
/** A language of the catalogue, as a BCP 47 tag. */
export type Locale = keyof typeof locales

/** The most of a header or parameter that is looked at, in UTF-16 units. */
const longest = 500

/** The language of a BCP 47 tag (RFC 5646), or null where the catalogue has none: `pt-BR` is `pt`, `zh-Hans-CN` is `zh`. */
export function localeOf(tag: string): Locale | null {
  const [language = ''] = tag.trim().toLowerCase().split(/[-_]/, 1)
  return Object.hasOwn(locales, language) ? (language as Locale) : null
}

/** The tags of `ui_locales` (OpenID Connect Core §3.1.2.1), which stand in the order in which they are wanted. */
export const tagsOfList = (text: string): string[] =>
  text
    .slice(0, longest)
    .split(/[\s,]+/)
    .filter(isTag)

/** The tags of an Accept-Language header (RFC 9110 §12.5.4), the most wanted first; what has q=0 is not wanted. */
export function tagsOfHeader(header: string): string[] {
  const ranges = header
    .slice(0, longest)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((text) => text.trim())
      const weight = parameters.map((text) => /^q=([01](?:\.\d{0,3})?)$/i.exec(text)?.[1]).find((text) => text)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ tag, weight }) => weight > 0 && isTag(tag))
  return ranges.sort((a, b) => b.weight - a.weight).map(({ tag }) => tag)
}

/** The tag of the language that an account says it reads: `locale` of its metadata (OpenID Connect Core §5.1), or none. */
export function tagsOfMetadata(metadata: Record<string, unknown> | null | undefined): string[] {
  const said = metadata?.locale
  return typeof said === 'string' && isTag(said) ? [said] : []
}

/** The first language of `ui_locales` that the catalogue has. */
export const localeOfList = (text: string): Locale | null => firstOf(tagsOfList(text))

/** The language of an Accept-Language header that is wanted most and that the catalogue has. */
export const localeOfHeader = (header: string): Locale | null => firstOf(tagsOfHeader(header))

/** The language that an account says it reads, where the catalogue has it. */
export const localeOfMetadata = (metadata: Record<string, unknown> | null | undefined): Locale | null =>
  firstOf(tagsOfMetadata(metadata))

/** The best of the languages that are there, as RFC 4647 §3.4 looks tags up: `pt-BR` takes `pt` where there is no `pt-BR`. */
export function lookUpLocale(wanted: readonly string[], there: readonly string[]): string | null {
  for (const tag of wanted) {
    const parts = tag.toLowerCase().split(/[-_]/)
    for (; parts.length > 0; parts.pop()) {
      const found = there.find((known) => known.toLowerCase() === parts.join('-'))
      if (found !== undefined) return found
    }
  }
  return null
}

/** A language with perhaps a script, a region and so on (RFC 5646 §2.1). */
const isTag = (text: string): boolean => /^[a-z]{2,8}([-_][a-z\d]{1,8}){0,5}$/i.test(text)

function firstOf(tags: readonly string[]): Locale | null {
  for (const tag of tags) {
    const found = localeOf(tag)
    if (found) return found
  }
  return null
}
