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

/** The first language of `ui_locales` (OpenID Connect Core §3.1.2.1: tags with spaces between) that the catalogue has. */
export const localeOfList = (tags: string): Locale | null => firstOf(tags.slice(0, longest).split(/[\s,]+/))

/** The language of an Accept-Language header (RFC 9110 §12.5.4) that is wanted most; what has q=0 is not wanted. */
export function localeOfHeader(header: string): Locale | null {
  const ranges = header
    .slice(0, longest)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((text) => text.trim())
      const weight = parameters.map((text) => /^q=([01](?:\.\d{0,3})?)$/i.exec(text)?.[1]).find((text) => text)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ weight }) => weight > 0)
  return firstOf(ranges.sort((a, b) => b.weight - a.weight).map(({ tag }) => tag))
}

/** The language that an account says it reads: `locale` of its metadata, as OpenID Connect Core §5.1 names it. */
export function localeOfMetadata(metadata: Record<string, unknown> | null | undefined): Locale | null {
  const said = metadata?.locale
  return typeof said === 'string' ? localeOf(said) : null
}

function firstOf(tags: readonly string[]): Locale | null {
  for (const tag of tags) {
    const found = localeOf(tag)
    if (found) return found
  }
  return null
}
