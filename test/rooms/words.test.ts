// Which language a person reads, and how the catalogue says a text.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localeOf, localeOfHeader, localeOfList, localeOfMetadata } from '../../src/locale.ts'
import { wordOfError } from '../../src/pages/words/word-of-error.ts'
import { wordsIn } from '../../src/pages/words/words.ts'

test('a tag of a region or script is its language', () => {
  const cases: [string, string | null][] = [
    ['de', 'de'],
    ['pt-BR', 'pt'],
    ['zh-Hans-CN', 'zh'],
    ['AR_eg', 'ar'],
    ['nl', null],
    ['constructor', null],
    ['', null],
    ['*', null],
  ]
  for (const [tag, locale] of cases) assert.equal(localeOf(tag), locale, tag)
})

test('Accept-Language counts by its weights, and not what has the weight 0', () => {
  const cases: [string, string | null][] = [
    ['fr-CH, fr;q=0.9, en;q=0.8', 'fr'],
    ['en;q=0.2, ja;q=0.9', 'ja'],
    ['nl, sv;q=0.9, es;q=0.1', 'es'],
    ['de;q=0, en;q=0.5', 'en'],
    ['de;q=0', null],
    ['de;q=7, ar;q=0.5', 'de'],
    ['*', null],
    ['', null],
    [`${'x,'.repeat(100_000)}de`, null],
  ]
  for (const [header, locale] of cases) assert.equal(localeOfHeader(header), locale, header.slice(0, 40))
})

test('ui_locales names languages in order, metadata one; what is no text is none', () => {
  assert.equal(localeOfList('nl pt-BR en'), 'pt')
  assert.equal(localeOfList('nl'), null)
  assert.equal(localeOfMetadata({ locale: 'zh-CN' }), 'zh')
  for (const metadata of [null, undefined, {}, { locale: 7 }, { locale: { de: 1 } }])
    assert.equal(localeOfMetadata(metadata), null)
})

test('times are told in the language, and which way it is written', () => {
  const [german, arabic] = [wordsIn('de'), wordsIn('ar')]
  const at = new Date('2026-11-26T10:00:00Z')
  assert.equal(german.ago(at, new Date('2026-11-26T10:03:10Z')), 'vor 3 Minuten')
  assert.equal(german.ago(at, at), 'jetzt')
  assert.equal(german.day(at), '26.11.2026')
  assert.match(german.time(at), /26\.11\.2026.*10:00:00 UTC/)
  assert.equal(german.number(1234.5), '1.234,5')
  assert.deepEqual([german.dir, arabic.dir], ['ltr', 'rtl'])
})

test('a code that nobody knows is a failure in words, whatever its name', () => {
  for (const code of ['nonsense', '', 'constructor', '__proto__']) assert.equal(wordOfError(code), 'errors.failed')
  assert.equal(wordOfError('otp_expired'), 'errors.link_or_code_gone')
})
