// The catalogue in English: the source, whose keys and placeholders every other language has.
import { accountWords } from './en/account.ts'
import { consoleWords } from './en/console.ts'
import { errorWords } from './en/errors.ts'
import { hostedWords } from './en/hosted.ts'
import { mailWords } from './en/mails.ts'
import { partWords } from './en/parts.ts'

/** The English words by area; a key is `<area>.<key>`, such as `parts.language`. */
export const english = {
  parts: partWords,
  hosted: hostedWords,
  account: accountWords,
  console: consoleWords,
  mails: mailWords,
  errors: errorWords,
}

/** A text with placeholders such as `{name}`; or forms of it by the plural of `{count}` (CLDR), of which `other` is there. */
export type Text = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { other: string })

type English = typeof english
/** A part of the catalogue. */
export type Area = keyof English
/** The name of a text. */
export type WordKey = { [A in Area]: `${A}.${keyof English[A] & string}` }[Area]

type TextOf<Key extends WordKey> = Key extends `${infer A extends Area}.${infer Rest}`
  ? Rest extends keyof English[A]
    ? English[A][Rest]
    : never
  : never
type Placeholders<T> = T extends string
  ? T extends `${string}{${infer Name}}${infer Rest}`
    ? Name | Placeholders<Rest>
    : never
  : T extends { other: infer Other }
    ? Placeholders<Other> | 'count'
    : never
/** What a placeholder may stand for: numbers and dates are written as the language writes them. */
export type Value = string | number | Date
/** What a text needs to know. */
export type ValuesOf<Key extends WordKey> = Record<Placeholders<TextOf<Key>>, Value>

/** The words of an area in another language, which has a text wherever English has one. */
export type Translation<A extends Area> = {
  readonly [Key in keyof English[A]]: English[A][Key] extends string ? string : Exclude<Text, string>
}
