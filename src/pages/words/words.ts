// Says a text of the catalogue in a language, with its numbers, dates and plurals.
import type { MailTexts } from '../../delivery/mail-texts.ts'
import { type Locale, locales } from '../../locale.ts'
import { type Area, english, type Text, type Value, type ValuesOf, type WordKey } from './english.ts'
import { translations } from './translations.ts'

/** Speaks one language. */
export interface Words {
  /** A text; values are text as they are, which the html template escapes. */
  <Key extends WordKey>(key: Key, ...values: keyof ValuesOf<Key> extends never ? [] : [ValuesOf<Key>]): string
  locale: Locale
  dir: 'ltr' | 'rtl'
  number(value: number): string
  /** Day and time in UTC. */
  time(value: Date): string
  day(value: Date): string
  /** How long ago, such as "3 minutes ago", by the greatest unit that fits. */
  ago(value: Date, now: Date): string
}

type Catalogue = { readonly [A in Area]: Readonly<Record<string, Text>> }
const catalogues: Record<Locale, Catalogue> = { en: english, ...translations }

/** The texts of mails in a language. */
export const mailTextsIn = (locale: Locale): MailTexts => (locale === 'en' ? english.mails : translations[locale].mails)

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

const made = new Map<Locale, Words>()

/** The words of a language. */
export function wordsIn(locale: Locale): Words {
  const words = made.get(locale) ?? makeWords(locale)
  made.set(locale, words)
  return words
}

/** What formats dates and numbers is dear to make, so that it is made once a language. */
function makeWords(locale: Locale): Words {
  const plurals = new Intl.PluralRules(locale)
  const numbers = new Intl.NumberFormat(locale)
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long', timeZone: 'UTC' })
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const distances = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const say = (value: Value): string =>
    typeof value === 'number' ? numbers.format(value) : typeof value === 'string' ? value : times.format(value)
  const formOf = (text: Text, count: Value | undefined): string =>
    typeof text === 'string' ? text : (text[plurals.select(Number(count))] ?? text.other)

  const word = (key: WordKey, values: Record<string, Value> = {}): string => {
    const [area, name] = [key.slice(0, key.indexOf('.')) as Area, key.slice(key.indexOf('.') + 1)]
    const text = catalogues[locale][area][name] ?? key
    return formOf(text, values.count).replace(/\{(\w+)\}/g, (whole, placeholder: string) =>
      Object.hasOwn(values, placeholder) ? say(values[placeholder] ?? '') : whole,
    )
  }
  return Object.assign(word, {
    locale,
    dir: locales[locale].dir,
    number: (value: number) => numbers.format(value),
    time: (value: Date) => times.format(value),
    day: (value: Date) => days.format(value),
    ago(value: Date, now: Date) {
      const seconds = (value.getTime() - now.getTime()) / 1000
      const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const)
      return distances.format(Math.round(seconds / size), unit)
    },
  })
}
