// The rules of design.md that are easy to break, checked by reading the sources.
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { placeOf, readSources, type Source } from '../scripts/sources.ts'

const sources = await readSources()

/** The port and types of rows are what every room may name; only as types. */
const isTypeOfAll = (path: string, types: boolean) => types && /^src\/(storage|limits|delivery|hooks)\//.test(path)

test('imports point to the right, and the five rooms never import one another', () => {
  const wrong: string[] = []
  for (const { path, imports } of sources)
    for (const target of imports) {
      const [from, to] = [placeOf(path), placeOf(target.path)]
      if (path === 'src/context.ts' && target.types) continue
      if (from.room === to.room || isTypeOfAll(target.path, target.types)) continue
      if (from.rank >= to.rank && !(from.rank === 0 && to.rank === 0)) wrong.push(`${path} → ${target.path}`)
    }
  assert.deepEqual(wrong, [])
})

/** The files of the flows that the rows of a table name. */
function flowsOf({ text }: Source): string[] {
  const named = new Set(Array.from(text.matchAll(/flow: (\w+)/g), ([, name]) => name))
  return Array.from(text.matchAll(/^import \{([^}]*)\} from '\.\.\/(flows\/[^']+)'/gm))
    .filter(([, names = '']) => names.split(',').some((name) => named.has(name.trim())))
    .map(([, , path]) => `src/${path}`)
}

test('a flow imports steps, never another flow, and steps never import flows', () => {
  const tables = sources.filter(({ path }) => /^src\/http\/(\w+-)?routes\.ts$/.test(path))
  assert.ok(tables.length > 1)
  const flows = new Set(tables.flatMap(flowsOf))
  const wrong: string[] = []
  for (const { path, imports } of sources.filter((source) => source.path.startsWith('src/flows/')))
    for (const target of imports) {
      // What one story needs lies beside it; what several need is a step.
      const isBeside = dirname(target.path) === dirname(path) && !flows.has(target.path)
      const isStep = target.path.startsWith('src/flows/steps/')
      if (target.path.startsWith('src/flows/') && !isStep && (!isBeside || path.startsWith('src/flows/steps/')))
        wrong.push(`${path} → ${target.path}`)
    }
  assert.deepEqual(wrong, [])
})

test('only storage has SQL', () => {
  const sql =
    /[`'"]\s*(select\s[\s\S]{0,200}?\sfrom\s|insert\s+into\s|update\s+\w+[.\w]*\s+set\s|delete\s+from\s|create\s+(table|schema|index)\s)/i
  const wrong = sources.filter(({ path, text }) => !path.startsWith('src/storage/') && sql.test(withoutComments(text)))
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('only config/load.ts reads the environment; the command line sets the size of the thread pool', () => {
  const wrong = sources.filter(
    ({ path, text }) => /process\.env/.test(text) && !['src/config/load.ts', 'src/cli/main.ts'].includes(path),
  )
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('nothing is module-level state', () => {
  const wrong = sources.filter(({ text }) => /^(export )?(let|var) /m.test(text))
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('each file opens with a sentence on what it is for', () => {
  const wrong = sources.filter(({ text }) => !/^(#!.*\n)?\/\/ \S.{10,}/.test(text))
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('there is no any, no suppressed type error, and no TODO without a number', () => {
  const wrong = sources.filter(({ text }) =>
    /:\s*any\b|\bas any\b|@ts-(ignore|expect-error)|\bTODO\b(?!\(#\d+\))/.test(text),
  )
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('files that are not tables of data stay under 250 lines', () => {
  const data =
    /(-keys|routes|mail-kinds|sms-senders|inbox-page|errors|portable-tables|openapi\/(operations|answer-schemas)|pages\/words\/\w\w\/.*|providers\/.*)\.ts$/
  const wrong = sources.filter(({ path, text }) => !data.test(path) && text.split('\n').length > 250)
  assert.deepEqual(
    wrong.map(({ path, text }) => `${path} ${text.split('\n').length}`),
    [],
  )
})

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
