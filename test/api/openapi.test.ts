// The OpenAPI document: it is current, complete, passes a public linter, and costs a server that runs nothing.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { readSources } from '../../scripts/sources.ts'
import { documentedUrl, openApiText } from '../../src/http/openapi/open-api-text.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { routes } from '../../src/http/routes.ts'
import { type ApiDocument, describedApi, type Exchange } from '../support/described-api.ts'
import { startTestServer } from '../support/server.ts'

const page = await readFile(new URL('../../docs/openapi.json', import.meta.url), 'utf8')
const document: ApiDocument = JSON.parse(page)
const methods = Object.entries(document.paths).flatMap(([path, found]) =>
  Object.keys(found).map((method) => `${method.toUpperCase()} ${path}`),
)

describe('the document', () => {
  test('docs/openapi.json is in step with the route table (npm run docs)', () => {
    assert.equal(page, openApiText(documentedUrl))
  })

  test('every row of the route table is there, and nothing that only pages or the shell ask', () => {
    const spelled = (path: string) =>
      path
        .replace(/^\/admin\/user(?=\/|$)/, '/admin/users')
        .replace(/:kind\{(\w+)\}/, '$1')
        .replace(/:(\w+)/g, '{$1}')
    const rows = new Set(
      routes.map(({ method, path }) => `${method} ${spelled(path)}`).filter((row) => !row.endsWith('*')),
    )
    const names = ['ServiceProviderConfig', 'ResourceTypes', 'ResourceTypes/{name}', 'Schemas', 'Schemas/{urn}']
    const described = names.map((name) => `GET /scim/v2/${name}`)
    assert.deepEqual(methods.sort(), [...rows, ...described].sort())
    const keys = new Set(routes.map(({ method, path }) => `${method} ${path}`))
    assert.deepEqual(
      Object.keys(operations).filter((key) => !keys.has(key)),
      [],
      'operations of rows that are gone',
    )
  })

  test('a public linter finds nothing but that some operations only send browsers elsewhere', async () => {
    const config = await createConfig({ extends: ['recommended'], rules: { 'operation-2xx-response': 'off' } })
    const lint = (source: string) => lintFromString({ source, absoluteRef: 'openapi.json', config })
    const shown = (problems: Awaited<ReturnType<typeof lint>>) =>
      problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)
    assert.deepEqual(shown(await lint(page)), [])
    const broken = page.replace('"operationId": "getHealth"', '"operationId": "getSettings"')
    assert.match(shown(await lint(broken)).join(), /operation-operationId-unique/)
  })

  test('only postern dev knows of it: a server that runs loads no file of it and does not answer', async () => {
    const sources = await readSources()
    const importers = sources.filter(
      ({ path, imports }) =>
        !path.startsWith('src/http/openapi/') && imports.some((target) => target.path.startsWith('src/http/openapi/')),
    )
    assert.deepEqual(
      importers.map(({ path }) => path),
      ['src/dev/describe-api.ts'],
    )
    assert.doesNotMatch(importers[0]?.text ?? '', /^import .*openapi/m)
    const server = await startTestServer()
    try {
      assert.equal((await server.request('GET', '/openapi.json')).text, '404 page not found\n')
    } finally {
      await server.close()
    }
  })
})

describe('an exchange is held against the document', () => {
  const problemsOf = describedApi(document)
  const health: Exchange = {
    method: 'GET',
    path: '/health',
    request_type: '',
    request_body: '',
    status: 200,
    type: 'application/json',
    body: JSON.stringify({ version: 'v1', name: 'GoTrue', description: 'x' }),
    location: null,
  }
  const refresh = { ...health, method: 'POST', path: '/token?grant_type=refresh_token', request_body: '{}' }
  const recover = { ...health, method: 'POST', path: '/recover', body: '{}' }
  const error = { code: 400, error_code: 'bad_json', msg: 'x' }
  const cases: [string, Exchange, RegExp | null][] = [
    ['as described', health, null],
    ['a member that is not described', { ...health, body: '{"version":"","name":"","description":"","x":1}' }, /"x"/],
    ['a member that is missing', { ...health, body: '{"version":"","name":""}' }, /description/],
    ['another media type', { ...health, type: 'text/plain' }, /media type/],
    ['a status that is not described', { ...health, status: 202 }, /no such status/],
    ['a path that is not described', { ...health, path: '/pages/session' }, /no such operation/],
    ['an error', { ...health, status: 400, body: JSON.stringify(error) }, null],
    [
      'a code that is none',
      { ...health, status: 400, body: JSON.stringify({ ...error, error_code: 'x' }) },
      /error_code/,
    ],
    ['a parameter that is missing', { ...refresh, path: '/token', request_body: '{}' }, /grant_type is missing/],
    ['a field of another type', { ...recover, request_body: '{"email":1}' }, /email must be string/],
    ['a field that is missing', { ...recover, request_body: '{}' }, /'email'/],
    ['null for a field that is not there', { ...recover, request_body: '{"EMAIL":"x","code_challenge":null}' }, null],
    ['a redirect without an address', { ...health, path: '/callback', status: 302, body: '' }, /no location/],
  ]
  for (const [title, exchange, expected] of cases)
    test(title, () => {
      const found = problemsOf(exchange).join('\n')
      if (expected === null) assert.equal(found, '')
      else assert.match(found, expected)
    })
})
