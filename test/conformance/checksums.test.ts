// The conformance suite is a copy: its files are as they were copied, but for the one that talks to the database.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'

const here = new URL('.', import.meta.url)
const checksums: Record<string, string> = JSON.parse(await readFile(new URL('checksums.json', here), 'utf8'))
const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(new URL(path, here)))
    .digest('hex')

test('scenarios, recordings and the runner are unchanged', async () => {
  for (const [path, expected] of Object.entries(checksums)) assert.equal(await digest(path), expected, path)
})

test('no file is missing from the checksums but the one with postgres.js in place of psql', async () => {
  const paths: string[] = []
  for (const part of ['scenarios', 'golden', 'lib'])
    for (const name of await readdir(new URL(`${part}/`, here))) paths.push(`${part}/${name}`)
  const unlisted = paths.filter((path) => !(path in checksums))
  assert.deepEqual(unlisted, ['lib/world.mjs'])
})

test('every difference on purpose names a recorded step and the rule, or the page of the documentation, that it has for a reason', async () => {
  const differences: Record<string, Record<string, { reason: string; expected: { label: string } }>> = JSON.parse(
    await readFile(new URL('differences.json', here), 'utf8'),
  )
  for (const [id, steps] of Object.entries(differences)) {
    const [suite = '', scenario = ''] = [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)]
    const golden = JSON.parse(await readFile(new URL(`golden/${suite}.json`, here), 'utf8'))
    for (const [step, { reason, expected }] of Object.entries(steps)) {
      assert.equal(golden[scenario]?.[Number(step)]?.label, expected.label, `${id} ${step}`)
      assert.match(reason, /^(.*[Ss]ecurity rules? \d+|No security rule: docs\/).*\.$/s, `${id} ${step}`)
    }
  }
})

test('groups that are done and those that are not are all of them', async () => {
  const groups: { done: string[] } = JSON.parse(await readFile(new URL('groups.json', here), 'utf8'))
  const names = (await readdir(new URL('scenarios/', here))).map((name) => name.replace(/\.mjs$/, ''))
  for (const group of groups.done) assert.ok(names.includes(group), group)
})
