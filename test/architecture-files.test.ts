// The rules of architecture about single files: no circles, the order of steps, names, tables, exports that are used.
import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { roomsPicture } from '../scripts/rooms-picture.ts'
import { readSources, type Source, stepRoomOf } from '../scripts/sources.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = await readSources()

/** Groups of files that import one another in a circle, types too (Tarjan's strongly connected components). */
function circlesOf(files: readonly Source[]): string[][] {
  const imports = new Map(files.map(({ path, imports }) => [path, imports.map((target) => target.path)]))
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const circles: string[][] = []
  const visit = (path: string): number => {
    const own = order.size
    order.set(path, own)
    lowest.set(path, own)
    open.push(path)
    for (const target of imports.get(path) ?? []) {
      if (!imports.has(target)) continue
      const seen = order.has(target) ? (open.includes(target) ? (order.get(target) ?? own) : own) : visit(target)
      lowest.set(path, Math.min(lowest.get(path) ?? own, seen))
    }
    if (lowest.get(path) === own) {
      const members = open.splice(open.indexOf(path))
      if (members.length > 1) circles.push(members.sort())
    }
    return lowest.get(path) ?? own
  }
  for (const path of imports.keys()) if (!order.has(path)) visit(path)
  return circles
}

test('the search for circles finds one through three files, and none in a line', () => {
  const file = (path: string, ...targets: string[]): Source => ({
    path,
    text: '',
    imports: targets.map((target) => ({ path: target, types: true })),
  })
  assert.deepEqual(circlesOf([file('a', 'b'), file('b', 'c'), file('c', 'a'), file('d', 'a')]), [['a', 'b', 'c']])
  assert.deepEqual(circlesOf([file('a', 'b', 'c'), file('b', 'c'), file('c')]), [])
})

test('no files import one another in a circle, not even types', () => {
  assert.deepEqual(circlesOf(sources), [])
})

test('rooms of flows/steps import rooms to their left only', () => {
  const wrong: string[] = []
  for (const { path, imports } of sources) {
    if (!path.startsWith('src/flows/steps/')) continue
    const from = stepRoomOf(path)
    assert.ok(from, `${path} lies in no room of steps`)
    for (const target of imports) {
      const to = stepRoomOf(target.path)
      if (to && to.room !== from.room && to.rank >= from.rank) wrong.push(`${path} → ${target.path}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the driver knows no table, an embedded database knows the driver, and tables know neither', () => {
  const allowed: [RegExp, RegExp][] = [
    [/^src\/storage\/driver\//, /^src\/storage\/(driver\/|db\.ts)/],
    [/^src\/storage\/embedded\//, /^src\/storage\/(driver\/|embedded\/|db\.ts)/],
    [/^src\/storage\/(?!open-database|plan-migration)[^/]+$/, /^src\/storage\/[^/]+$/],
  ]
  const wrong = sources.flatMap(({ path, imports }) => {
    const rule = allowed.find(([from]) => from.test(path))
    const bad = imports.filter((target) => target.path.startsWith('src/storage/') && rule && !rule[1].test(target.path))
    return bad.map((target) => `${path} → ${target.path}`)
  })
  assert.deepEqual(wrong, [])
})

/** Doors of the package: named after the place where they stand. */
const doors = ['src/index.ts', 'src/runtimes/node.ts']

const exportsOf = (text: string, kinds: string): string[] =>
  Array.from(text.matchAll(new RegExp(`^export (?:async )?(?:${kinds})\\*? (\\w+)`, 'gm')), ([, name = '']) => name)

const wordsOf = (name: string): string[] =>
  name
    .replace(/([A-Z])/g, '-$1')
    .toLowerCase()
    .split(/[-_]/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/s$/, ''))

test('a file that exports one thing is named after it', () => {
  const wrong = sources.flatMap(({ path, text }) => {
    const values = exportsOf(text, 'function|const|class')
    // The schema of a body lies beside its flow.
    const main = values.filter((name) => !/(Body|Form)$/.test(name))
    const isTable = /^\/\/ Tables? /.test(text)
    if (main.length !== 1 || isTable || doors.includes(path)) return []
    const file = wordsOf(basename(path, '.ts'))
    const isNamed = [...main, ...exportsOf(text, 'interface|type')].some((name) => {
      const words = wordsOf(name)
      return file.every((word) => words.includes(word)) || words.every((word) => file.includes(word))
    })
    return isNamed ? [] : [`${path} exports ${main[0]}`]
  })
  assert.deepEqual(wrong, [])
})

test('a table has one file of its own, named in its first line', () => {
  const owners = new Map<string, string[]>()
  for (const { path, text } of sources) {
    if (!path.startsWith('src/storage/')) continue
    const [head = ''] = text.split('\n', 1)
    if (!/^\/\/ Tables? /.test(head)) continue
    const [claim = ''] = head.split(/:| and the /, 1)
    for (const [table] of claim.matchAll(/\b(?:auth|postern)\.\w+/g))
      owners.set(table, [...(owners.get(table) ?? []), path])
  }
  const shared = [...owners].filter(([, paths]) => paths.length > 1)
  assert.deepEqual(shared, [])
  const inserted = new Set<string>()
  for (const { path, text } of sources.filter((source) => /^src\/storage\/[^/]+$/.test(source.path)))
    for (const [, table = ''] of text.matchAll(/insert into ((?:auth|postern)\.\w+)/g))
      if (!owners.has(table)) inserted.add(`${table} (${path})`)
  assert.deepEqual([...inserted], [])
})

test('what is exported is used by another file, or by the tests of its room', async () => {
  const others: string[] = []
  for (const folder of ['test', 'scripts', 'bench'])
    for await (const path of glob(`${folder}/**/*.ts`, { cwd: root }))
      others.push(await readFile(join(root, path), 'utf8'))
  const usedWhere = (name: string, path: string) => {
    const pattern = new RegExp(`\\b${name}\\b`)
    return (
      sources.some((other) => other.path !== path && pattern.test(other.text)) ||
      others.some((text) => pattern.test(text))
    )
  }
  const wrong = sources.flatMap(({ path, text }) =>
    exportsOf(text, 'function|const|class')
      .filter((name) => !usedWhere(name, path))
      .map((name) => `${path} ${name}`),
  )
  assert.deepEqual(wrong, [])
})

test('docs/rooms.svg shows the rooms as they are (npm run docs)', async () => {
  assert.equal(await readFile(join(root, 'docs/rooms.svg'), 'utf8'), await roomsPicture())
})

test('docs/architecture.md and CONTRIBUTING.md name files that are there', async () => {
  const paths = sources.map(({ path }) => path)
  for (const page of ['docs/architecture.md', 'CONTRIBUTING.md']) {
    const text = await readFile(join(root, page), 'utf8')
    const missing = Array.from(text.matchAll(/`((?!test\/)[\w/-]+\.ts)`/g), ([, name = '']) => name).filter(
      (name) => !paths.some((path) => path === name || path.endsWith(`/${name}`)),
    )
    assert.deepEqual(missing, [], page)
  }
})
