// Everything else that the console manages: imports and exports, providers, companies, applications, the audit log.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byConsoleLink, consoleEnv } from '../support/console.ts'
import { until } from '../support/process.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { fieldsOf, type Visitor } from '../support/visitor.ts'

const tokenAnswers: Record<string, [number, object]> = {
  known: [400, { error: 'invalid_grant' }],
  wrong: [401, { error: 'invalid_client' }],
}
let answer = 'known'
let server: TestServer
let grace: Visitor

before(async () => {
  server = await startTestServer({
    env: {
      ...consoleEnv,
      POSTERN_ALLOW_PRIVATE_PROVIDERS: 'true',
      GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true',
      GOTRUE_EXTERNAL_GITHUB_CLIENT_ID: 'client',
      GOTRUE_EXTERNAL_GITHUB_SECRET: 'secret',
    },
    fetch: async () => {
      if (answer === 'down') throw new TypeError('fetch failed')
      const [status, body] = tokenAnswers[answer] ?? [500, {}]
      return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
    },
  })
  grace = await byConsoleLink(server)
})
after(() => server.close())

async function send(path: string, fields: Record<string, string> = {}) {
  const page = await grace.get(path)
  assert.equal(page.status, 200, page.text)
  return grace.submit(page, path, fields)
}

const cookie = () => [...grace.cookies].map(([name, value]) => `${name}=${value}`).join('; ')

/** Sends a file as browsers do, and waits for the end of its import. */
async function importFile(content: string | Uint8Array, fields: Record<string, string> = {}, name = 'people.ndjson') {
  const page = await grace.get('/console/imports')
  const form = new FormData()
  for (const [field, value] of Object.entries({ preset: 'postern', ...fields })) form.append(field, value)
  form.append('_token', fieldsOf(page, '/console/imports')._token ?? '')
  form.append('file', new File([content as BlobPart], name))
  const answer = await server.auth.fetch(
    new Request('http://auth.example.test/console/imports', {
      method: 'POST',
      body: form,
      headers: { origin: 'http://auth.example.test', cookie: cookie() },
    }),
    { client_address: '192.0.2.9' },
  )
  const location = answer.headers.get('location')
  if (location === null) return { status: answer.status, text: await answer.text(), job: null }
  const id = location.split('/').at(-1) ?? ''
  const job = await until('the import ends', async () => {
    const [row] = await server.sql<{
      problem: string | null
      counts: Record<string, number>
      results: { line: number; code: string }[]
    }>('select problem, counts, results from postern.import_jobs where id = $1 and ended_at is not null', [id])
    return row
  })
  return { status: 303, text: (await grace.get(location)).text, job }
}

const line = (email: string, more = {}) =>
  JSON.stringify({ email, email_confirmed_at: '2026-01-01T00:00:00Z', ...more })

test('a file is imported, with a result for each line that was not taken, and the log says who did it', async () => {
  await server.user({ email: 'there@example.com' })
  const { job, text } = await importFile(
    [line('one@example.com'), '{"broken', line('there@example.com'), line('two@example.com')].join('\n'),
  )
  assert.deepEqual(job?.counts, { created: 2, updated: 0, skipped: 1, failed: 1 })
  assert.deepEqual(
    job?.results.map((row) => [row.line, row.code]),
    [
      [2, 'validation_failed'],
      [3, 'user_already_exists'],
    ],
  )
  assert.match(text, /the line is no JSON object/)
  const [entry] = await server.sql<{ payload: { actor_username: string } }>(
    `select payload from auth.audit_log_entries where payload ->> 'action' = 'accounts_imported'`,
  )
  assert.equal(entry?.payload.actor_username, 'grace')
})

test('only checking writes nothing, and upsert changes who is there', async () => {
  const checked = await importFile(line('checked@example.com'), { dry_run: 'true' })
  assert.equal(checked.job?.counts.created, 1)
  assert.deepEqual(await server.sql(`select from auth.users where email = 'checked@example.com'`), [])
  const changed = await importFile(line('there@example.com', { user_metadata: { changed: true } }), { upsert: 'true' })
  assert.equal(changed.job?.counts.updated, 1)
  const [row] = await server.sql<{ data: object }>(
    `select raw_user_meta_data as data from auth.users where email = 'there@example.com'`,
  )
  assert.ok('changed' in Object(row?.data))
})

test('columns that would get lost stop it before anything is written, and can be left out', async () => {
  const text = line('lost@example.com', { favourite_colour: 'green' })
  const stopped = await importFile(text)
  assert.match(String(stopped.job?.problem), /favourite_colour/)
  assert.deepEqual(await server.sql(`select from auth.users where email = 'lost@example.com'`), [])
  assert.equal((await importFile(text, { ignore_unknown: 'true' })).job?.problem, null)
})

test('what is no text, no file, or no known form is refused in words', async () => {
  assert.match((await importFile(new Uint8Array([0xff, 0xfe, 0x80]))).text, /not text in UTF-8/)
  assert.match((await importFile('')).text, /Choose a file/)
  assert.equal((await importFile(line('x@example.com'), { preset: 'nothing' })).status, 400)
  assert.match(String((await importFile('[{"email": ', {}, 'broken.json')).job?.problem), /not JSON/)
})

test('a file of several parts is put together as it was', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) =>
    line(`part${i}@example.com`, { user_metadata: { note: 'ü'.repeat(60) } }),
  )
  const { job } = await importFile(lines.join('\n'))
  assert.deepEqual(job?.counts, { created: 5000, updated: 0, skipped: 0, failed: 0 })
})

test('everybody is exported as lines that an import reads, with hashes only where asked for', async () => {
  const plain = await send('/console/imports').catch(() => null)
  assert.ok(plain)
  const page = await grace.get('/console/imports')
  const exported = await grace.post('/console/export', { _token: fieldsOf(page, '/console/export')._token ?? '' })
  assert.match(exported.headers.get('content-disposition') ?? '', /accounts\.ndjson/)
  const rows = exported.text
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
  const [count] = await server.sql<{ n: number }>('select count(*)::int as n from auth.users')
  assert.equal(rows.filter(({ table }) => table === undefined).length, count?.n)
  assert.ok(!exported.text.includes('password_hash'))
  const hashes = await grace.post('/console/export', {
    _token: fieldsOf(page, '/console/export')._token ?? '',
    with_hashes: 'true',
  })
  assert.match(hashes.text, /"password_hash":"\$2a\$/)
})

test('a provider is tried: it knows the client, refuses it, or is not there', async () => {
  const verdict = async (how: string, name = 'github') => {
    answer = how
    const page = await grace.get('/console/providers')
    const tried = await grace.post(`/console/providers/test/${name}`, {
      _token: fieldsOf(page, '/console/providers/test/github')._token ?? '',
    })
    return (await grace.get(tried.location ?? '')).text
  }
  assert.match(await verdict('known'), /answers, and knows the client/)
  assert.match(await verdict('wrong'), /refuses client id or secret/)
  assert.match(await verdict('down'), /could not be reached/)
  assert.match(await verdict('known', 'google'), /cannot be used as it is configured/)
})

test('a provider of one’s own is added, changed and removed, and its secret is never shown', async () => {
  const path = '/console/providers/custom'
  const fields = {
    provider_type: 'oauth2',
    identifier: 'custom:mine',
    name: 'Mine',
    client_id: 'abc',
    client_secret: 'top-secret-value',
    scopes: 'read\nwrite',
    authorization_url: 'https://mine.example/authorize',
    token_url: 'https://mine.example/token',
    userinfo_url: 'https://mine.example/me',
    enabled: 'true',
    issuer: '',
    discovery_url: '',
    attribute_mapping: '',
    authorization_params: '',
  }
  const wrong = await send(`${path}/new`, { ...fields, attribute_mapping: '{' })
  assert.equal(wrong.status, 400)
  assert.ok(!wrong.text.includes('top-secret-value'))
  const made = await send(`${path}/new`, fields)
  assert.equal(made.status, 303, made.text)
  const shown = await grace.get(`${path}/custom%3Amine`)
  assert.ok(!shown.text.includes('top-secret-value'))
  assert.match(shown.text, /read\nwrite/)
  const changed = await grace.submit(shown, `${path}/custom%3Amine`, { name: 'Ours', client_secret: '' })
  assert.equal(changed.status, 303, changed.text)
  const [row] = await server.sql<{ name: string }>('select name from auth.custom_oauth_providers')
  assert.equal(row?.name, 'Ours')
  await send(`${path}/custom%3Amine/remove`)
  assert.deepEqual(await server.sql('select from auth.custom_oauth_providers'), [])
})

test('an application is added with a secret that is shown once, gets another one, and is removed', async () => {
  const path = '/console/applications'
  const fields = {
    client_name: 'Shop',
    redirect_uris: 'https://shop.example/cb',
    client_type: 'confidential',
    client_uri: '',
    logo_uri: '',
  }
  const made = await send(`${path}/new`, fields)
  assert.equal(made.status, 200, made.text)
  const [, secret = ''] = /id="client-secret"[^>]*value="([^"]+)"/.exec(made.text) ?? []
  const [, id = ''] = /id="client-id"[^>]*value="([^"]+)"/.exec(made.text) ?? []
  assert.ok(secret.length > 20)
  const page = await grace.get(`${path}/${id}`)
  assert.ok(!page.text.includes(secret))
  const renewed = await grace.submit(page, `${path}/${id}/secret`)
  assert.match(renewed.text, /id="client-secret"/)
  assert.ok(!renewed.text.includes(secret))
  const changed = await grace.submit(page, `${path}/${id}`, {
    redirect_uris: 'https://shop.example/a\nhttps://shop.example/b',
  })
  assert.equal(changed.status, 303, changed.text)
  const [row] = await server.sql<{ redirect_uris: string }>(
    'select redirect_uris from auth.oauth_clients where id = $1',
    [id],
  )
  assert.equal(row?.redirect_uris, 'https://shop.example/a,https://shop.example/b')
  assert.equal((await send(`${path}/new`, { ...fields, redirect_uris: 'javascript:alert(1)' })).status, 400)
  await send(`${path}/${id}/remove`)
  assert.equal((await grace.get(`${path}/${id}`)).status, 404)
})

test('the audit log is filtered by account, action, address and time, and taken away as it is filtered', async () => {
  const { user } = await server.user({ email: 'audited@example.com' })
  const rowsOf = (text: string) => text.split('<tbody>')[1]?.match(/<tr>/g)?.length ?? 0
  const byAddress = await grace.get('/console/audit?user=audited%40example.com')
  assert.equal(rowsOf(byAddress.text), 2)
  assert.equal(rowsOf((await grace.get(`/console/audit?user=${user.id}&action=login`)).text), 1)
  assert.equal(rowsOf((await grace.get('/console/audit?user=nobody%40example.com')).text), 0)
  assert.equal((await grace.get('/console/audit?address=here')).status, 400)
  const csv = await grace.get(`/console/audit/export.csv?user=${user.id}&action=login`)
  assert.equal(csv.text.trim().split('\r\n').length, 2)
  const lines = await grace.get(`/console/audit/export.ndjson?user=${user.id}`)
  assert.equal(lines.text.trim().split('\n').length, 2)
  const [all] = await server.sql<{ n: number }>('select count(*)::int as n from auth.audit_log_entries')
  const whole = await grace.get('/console/audit/export.ndjson')
  assert.equal(whole.text.trim().split('\n').length, all?.n)
})

test('configuration is searched, shows an area, and hides secrets', async () => {
  const found = await grace.get('/console/settings?q=GITHUB_SECRET')
  assert.match(found.text, /GOTRUE_EXTERNAL_GITHUB_SECRET/)
  assert.ok(found.text.includes('••••••••'))
  const area = await grace.get('/console/settings?area=Mail')
  assert.match(area.text, /GOTRUE_SMTP_HOST/)
  assert.doesNotMatch(area.text, /GOTRUE_JWT_SECRET/)
})
