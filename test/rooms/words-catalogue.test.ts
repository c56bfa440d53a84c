// The catalogue as a whole: every language says the same as the English one, and no text waits for nobody.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSources } from '../../scripts/sources.ts'
import { locales } from '../../src/locale.ts'
import { english, type Text } from '../../src/pages/words/english.ts'
import { translations } from '../../src/pages/words/translations.ts'

const areas = Object.entries(english) as [keyof typeof english, Record<string, Text>][]

/** What a text leaves to be filled in. */
const placeholdersOf = (text: string): string[] =>
  [...new Set(Array.from(text.matchAll(/\{(\w+)\}/g), ([, name = '']) => name))].sort()
const formsOf = (text: Text): [form: string, text: string][] =>
  typeof text === 'string' ? [['', text]] : Object.entries(text)

/** One and two can be said in words instead of the number. */
const isFilledAlike = (said: string, source: string, form: string): boolean => {
  const wanted = placeholdersOf(source).filter((name) => name !== 'count' || !['one', 'two'].includes(form))
  const filled = placeholdersOf(said).filter((name) => name !== 'count' || wanted.includes('count'))
  return filled.join() === wanted.join()
}

for (const [locale, translated] of Object.entries(translations)) {
  test(`${locale} says what English says, no less and no more, and leaves the same to be filled in`, () => {
    const wrong: string[] = []
    for (const [area, texts] of areas)
      for (const key of Object.keys(texts)) if (!(key in translated[area])) wrong.push(`${area}.${key} is missing`)
    for (const [area, texts] of areas)
      for (const [key, text] of Object.entries(translated[area] as Record<string, Text>)) {
        const source = texts[key]
        if (source === undefined) wrong.push(`${area}.${key} is not English`)
        else if (typeof text !== typeof source) wrong.push(`${area}.${key} has plural forms in one of both only`)
        else {
          const [, english_text = ''] = formsOf(source).at(-1) ?? []
          for (const [form, said] of formsOf(text))
            if (said.trim() === '' || !isFilledAlike(said, english_text, form))
              wrong.push(`${area}.${key} ${form}: ${said}`)
        }
      }
    assert.deepEqual(wrong, [])
  })

  test(`${locale} has a form for each plural of its grammar`, () => {
    const { pluralCategories } = new Intl.PluralRules(locale).resolvedOptions()
    // Romance languages have forms for a million and more, which nothing here comes to.
    const needed = pluralCategories.filter((form) => locale === 'ar' || form !== 'many').sort()
    for (const [area, texts] of areas)
      for (const [key, text] of Object.entries(translated[area] as Record<string, Text>))
        if (typeof texts[key] === 'object') assert.deepEqual(Object.keys(text).sort(), needed, `${area}.${key}`)
  })
}

test('every text of the catalogue is said somewhere', async () => {
  const exact = new Set<string>()
  const beginnings: string[] = []
  for (const { path, text } of await readSources()) {
    if (path.startsWith('src/pages/words/') && !path.endsWith('word-of-error.ts')) continue
    for (const [, key = '', isBeginning] of text.matchAll(/['"`]((?:parts|hosted|account|console)\.[\w.]*)(\$\{)?/g))
      if (isBeginning) beginnings.push(key)
      else exact.add(key)
    if (path.endsWith('word-of-error.ts'))
      for (const [, word] of text.matchAll(/: '(\w+)'/g)) exact.add(`errors.${word}`)
  }
  // The names of texts of mails are a type of their own, which their English words satisfy to the letter.
  const unsaid = areas
    .filter(([area]) => area !== 'mails')
    .flatMap(([area, texts]) => Object.keys(texts).map((key) => `${area}.${key}`))
    .filter((key) => !exact.has(key) && !beginnings.some((beginning) => key.startsWith(beginning)))
  assert.deepEqual(unsaid, [])
})

test('every language has a name of its own, and is known to the formats of dates and numbers', () => {
  for (const locale of Object.keys(locales)) assert.deepEqual(Intl.DateTimeFormat.supportedLocalesOf(locale), [locale])
})
