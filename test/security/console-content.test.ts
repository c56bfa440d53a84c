// What the console shows of people, providers and operators: text and never more, and no secret.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { byConsoleLink, consoleEnv, filledPath, guardedPages } from '../support/console.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
let target: SignedIn

before(async () => {
  server = await startTestServer({ env: consoleEnv })
  target = await server.user({ email: 'target@example.com' })
})
after(() => server.close())

const nasty = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{ .Token }}`

test('HTML in every field that people, providers and operators can write is text on every page', async () => {
  const operator = await byConsoleLink(server, nasty)
  const victim = await server.user({
    email: 'nasty@example.com',
    user_metadata: { full_name: nasty, name: nasty, [nasty]: nasty },
    app_metadata: { providers: [nasty], ban_reason: nasty, [nasty]: nasty },
  })
  const { id } = victim.user
  await server.sql(
    `update auth.identities set identity_data = identity_data || jsonb_build_object('email', $2::text), provider = $3 where user_id = $1`,
    [id, nasty, nasty],
  )
  await server.sql('update auth.sessions set user_agent = $2 where user_id = $1', [id, nasty])
  await server.sql(`update auth.users set role = $2, email_change = $2 where id = $1`, [id, nasty.slice(0, 250)])
  await server.sql(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address) values ('00000000-0000-0000-0000-000000000000',
      gen_random_uuid(), json_build_object('action', $1::text, 'actor_id', $1::text, 'actor_username', $1::text, 'traits', json_build_object('user_id', $2::text, 'user_email', $1::text, $1::text, $1::text)), now(), '')`,
    [nasty, id],
  )
  await server.sql(
    `insert into auth.oauth_clients (id, registration_type, redirect_uris, grant_types, client_name, client_type, token_endpoint_auth_method)
      values (gen_random_uuid(), 'dynamic', $1, 'authorization_code', $1, 'public', 'none')`,
    [nasty],
  )
  await server.sql(
    `insert into postern.import_jobs (id, operator, file_name, preset, dry_run, results, problem, ended_at)
      values ($1, $2, $2, 'postern', false, jsonb_build_array(jsonb_build_object('line', 1, 'outcome', $2::text, 'code', $2::text, 'message', $2::text)), $2, now())`,
    [id, nasty],
  )
  const pages = guardedPages
    .filter(({ method }) => method === 'GET')
    .map(({ path }) => path.replace(':id', id).replaceAll(/:(part|kind|name)/g, 'recovery'))
  const queries = ['/console/people', '/console/audit', '/console/settings'].flatMap((path) =>
    ['q', 'user', 'provider', 'address', 'action', 'cursor', 'created_after', 'area'].map(
      (name) => `${path}?${name}=${encodeURIComponent(nasty)}`,
    ),
  )
  let shown = 0
  for (const path of [...pages, ...queries]) {
    const { text, headers } = await operator.get(path)
    if (!/text\/html/.test(headers.get('content-type') ?? '')) continue
    assert.doesNotMatch(text, /<script>|<img src=x|onerror=alert\(1\)>/, path)
    if (text.includes('&lt;script&gt;')) shown++
  }
  assert.ok(shown > 10, `${shown} pages show it`)
})

test('a preview of a template runs no script, loads nothing but pictures and styles, and is framed by our pages alone', async () => {
  const operator = await byConsoleLink(server)
  const path = '/console/mails/recovery/preview'
  const page = await operator.get('/console/mails/recovery')
  const answer = await operator.submit(page, path, {
    template: '<script>1</script><form action="/x"></form>',
    subject: nasty,
  })
  assert.equal(
    answer.headers.get('content-security-policy'),
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'",
  )
  assert.doesNotMatch(answer.text.split('<hr>')[0] ?? '', /<script>/)
})

test('no page of the console shows a secret, a token or a key', async () => {
  const operator = await byConsoleLink(server)
  for (const { method, path } of guardedPages) {
    if (method !== 'GET') continue
    const { text, headers } = await operator.get(filledPath(path, target.user.id))
    assert.ok(!text.includes('test-secret-with-at-least'), path)
    assert.doesNotMatch(text, /eyJ[\w-]{20,}\.eyJ/, path)
    assert.doesNotMatch(JSON.stringify([...headers]), /eyJ[\w-]{20,}/, path)
  }
})

test('headers that carry credentials, and queries of addresses, are hidden in the settings', async () => {
  const own = await startTestServer({
    env: {
      ...consoleEnv,
      GOTRUE_SMTP_HEADERS: '{"X-Token":["hidden-1"]}',
      GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_URL: 'https://check.example/v1?api_key=hidden-2',
      GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS: '{"Authorization":["Bearer hidden-3"]}',
      POSTERN_SMS_HTTP_URL: 'https://sms.example/send?key=hidden-4&from=a',
      POSTERN_SMS_HTTP_HEADERS: '{"Authorization":"Bearer hidden-5"}',
      GOTRUE_HOOK_SEND_SMS_ENABLED: 'true',
      GOTRUE_HOOK_SEND_SMS_URI: 'https://user:hidden-6@hook.example/sms?code=hidden-7',
      GOTRUE_HOOK_SEND_SMS_SECRETS: 'v1,whsec_aGlkZGVuLTg4ODg4ODg4ODg4ODg4ODg4ODg4ODg4ODg4',
    },
    database: server.database,
    mail: server.mail,
  })
  const operator = await byConsoleLink(own)
  for (const path of ['/console/settings', '/console/hooks', '/console']) {
    const { status, text } = await operator.get(path)
    assert.equal(status, 200)
    assert.doesNotMatch(text, /hidden-\d|aGlkZGVu/, path)
  }
  assert.match((await operator.get('/console/settings')).text, /https:\/\/sms\.example\/send\?/)
  await own.close()
})

test('a cell of the exported log is no formula', async () => {
  const operator = await byConsoleLink(server)
  await server.sql(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address) values ('00000000-0000-0000-0000-000000000000',
      gen_random_uuid(), json_build_object('action', 'login', 'actor_id', '1', 'actor_username', '=HYPERLINK("https://evil.example")'), now(), '')`,
  )
  const { text } = await operator.get('/console/audit/export.csv?action=login')
  assert.match(text, /"'=HYPERLINK\(""https:\/\/evil\.example""\)"/)
})
