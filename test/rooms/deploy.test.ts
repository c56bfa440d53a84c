// The files that Postern is deployed by name variables, paths and ports that are there; the image is built in test/long.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { serverCommands } from '../../src/cli/server-commands.ts'
import type { Key } from '../../src/config/key-types.ts'
import { keys } from '../../src/config/keys.ts'
import { routes } from '../../src/http/routes.ts'

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

function namesOf(table: object): string[] {
  return Object.values(table).flatMap((entry: Key<unknown> | object) => ('env' in entry ? entry.env : namesOf(entry)))
}
const known = new Set(namesOf(keys))
const files = [
  'Dockerfile',
  'deploy/supabase/compose.postern.yaml',
  'deploy/postern.service',
  'deploy/kubernetes/postern.yaml',
]

for (const file of files)
  test(`${file} names variables that a server reads`, () => {
    const used = new Set(read(file).match(/\b(GOTRUE|POSTERN|API_EXTERNAL|DATABASE)_[A-Z_]+\b/g))
    assert.ok(used.size > 0)
    for (const name of used) if (name !== 'POSTERN_IMAGE') assert.ok(known.has(name), `${name} of ${file} is read`)
  })

test('probes ask paths that are there, on the port that is listened to', () => {
  const documents = parseAllDocuments(read('deploy/kubernetes/postern.yaml')).map((one) => one.toJS())
  const settings = documents.find(({ kind }) => kind === 'ConfigMap').data
  const [container] = documents.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers
  const { containerPort } = container.ports.find(({ name }: { name: string }) => name === 'http')
  assert.equal(String(containerPort), settings.GOTRUE_API_PORT)
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const { path } = container[probe].httpGet
    assert.ok(
      routes.some((row) => row.method === 'GET' && row.path === path),
      `${path} is a route`,
    )
  }
  const { auth } = parse(read('deploy/supabase/compose.postern.yaml')).services
  assert.equal(auth.environment.GOTRUE_API_PORT, 9999)
  assert.match(JSON.stringify(auth.healthcheck.test), /127\.0\.0\.1:9999\/health/)
})

test('the unit starts a command with options that it has', () => {
  const [, name = '', line = ''] = /bin\/postern\.js (\w+) (.*)/.exec(read('deploy/postern.service')) ?? []
  const command = serverCommands.find((row) => row.name === name)
  for (const [, option = ''] of line.matchAll(/--([a-z-]+)/g))
    assert.ok(Object.hasOwn(command?.options ?? {}, option), option)
})

test('every drain is longer than the minute that requests get', () => {
  assert.match(read('deploy/postern.service'), /TimeoutStopSec=75/)
  assert.match(read('deploy/kubernetes/postern.yaml'), /terminationGracePeriodSeconds: 75/)
  assert.match(read('deploy/supabase/compose.postern.yaml'), /stop_grace_period: 75s/)
})

test('the statements that docs/scaling.md names are there', () => {
  const text = read('docs/scaling.md')
  const table = text.slice(text.indexOf('| statement (`storage/`)'), text.indexOf('- **Citus**'))
  const named = [...table.matchAll(/`([a-z-]+)\.(?:([a-z]\w+)|\*)`/g)]
  assert.ok(named.length > 15)
  for (const [whole, file = '', name] of named) {
    const source = readFileSync(new URL(`../../src/storage/${file}.ts`, import.meta.url), 'utf8')
    if (name) assert.match(source, new RegExp(`export (async )?(function|const) ${name}\\b`), whole)
  }
})
