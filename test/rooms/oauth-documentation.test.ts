// The tables of checks in docs/oauth-server.md name tests, and each is there.
import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'

const root = new URL('../../', import.meta.url)

test('each check of the OAuth server that the documentation names is a test', async () => {
  const page = await readFile(new URL('docs/oauth-server.md', root), 'utf8')
  const [, checks = ''] = page.split('## Checks')
  const rows = [...checks.matchAll(/^\|.*\| ([^|]+) \|$/gm)].map(([, name = '']) => name.trim())
  const named = rows.filter((name) => name !== 'test' && name !== '---')
  assert.ok(named.length > 20)
  let tests = ''
  for await (const path of glob('test/{api,security,clients,support}/*.ts', { cwd: root }))
    tests += await readFile(new URL(path, root), 'utf8')
  // Some titles are made for several algorithms.
  const isThere = (name: string) =>
    tests.includes(name) || tests.includes(name.replace('RS256', ['$', '{alg}'].join('')))
  assert.deepEqual(
    named.filter((name) => !isThere(name)),
    [],
  )
})
