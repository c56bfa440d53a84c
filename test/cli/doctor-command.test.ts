// postern doctor as a command: its JSON, its test mail, and that it writes nothing; postern init, which it finds well.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { examine } from '../../src/cli/doctor/run-doctor.ts'
import { startServer } from '../../src/cli/start-server.ts'
import { readEnvFile } from '../../src/config/env-file.ts'
import { loadConfig } from '../../src/config/load.ts'
import { runChecks } from '../../src/flows/doctor/run-checks.ts'
import { noTelemetry } from '../../src/operations/telemetry.ts'
import { goodConfiguration } from '../support/broken-configurations.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type MailSink, startMailSink } from '../support/mail-sink.ts'
import { startCommand } from '../support/process.ts'

let database: TestDatabase
let mail: MailSink
before(async () => {
  database = await testDatabase()
  mail = await startMailSink()
})
after(async () => {
  await mail.stop()
  await database.drop()
})

const good = (more: Record<string, string> = {}) => ({ ...goodConfiguration(database, mail), ...more })

const problemsOf = async (env: Record<string, string>, to?: string) =>
  (await examine(env, to)).flatMap(({ problems }) => problems)
const waiting = () => database.db.query('select id from postern.outbox')

async function run(args: string[], env: Record<string, string>) {
  const { output, ended } = startCommand(args, env)
  return { code: await ended, output: output() }
}

describe('what it prints', () => {
  test('a good configuration is a list of ticks, and JSON that says ok', async () => {
    const { code, output } = await run(['doctor'], good())
    assert.equal(code, 0, output)
    assert.match(output, /^✓ configuration\n(✓ .+\n)+All is well\.\n$/)
    const json = await run(['doctor', '--json'], good())
    assert.equal(json.code, 0)
    const { ok, findings } = JSON.parse(json.output)
    assert.equal(ok, true)
    assert.deepEqual(findings[0], { check: 'configuration', problems: [], skipped: false })
  })

  test('a problem is a line, the rest that needs the database is left out in one, and the exit code is 1', async () => {
    const { code, output } = await run(['doctor'], good({ DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' }))
    assert.equal(code, 1)
    assert.match(output, /^✗ DATABASE_URL: nothing listens there: check host and port, and that it runs$/m)
    assert.match(output, /^- not checked, since the database cannot be used: rights of the role, migrations, /m)
    assert.match(output, /\n1 problem\.\n$/)
  })

  test('the certificate of an address that cannot be reached from here is neither good nor bad', async () => {
    const { code, output } = await run(['doctor'], good({ API_EXTERNAL_URL: 'https://127.0.0.1:1' }))
    assert.equal(code, 0, output)
    assert.match(
      output,
      /^- not checked, since API_EXTERNAL_URL cannot be reached from here: certificate of this server$/m,
    )
    assert.doesNotMatch(output, /✓ certificate/)
  })

  test('a variable that is missing is told once, not as too short besides', async () => {
    const { GOTRUE_JWT_SECRET: _missing, ...rest } = good()
    assert.deepEqual(await problemsOf(rest), ['GOTRUE_JWT_SECRET is required: the secret that signs access tokens'])
  })
})

test('serve, migrate and admin that cannot reach the database say so in the line that doctor has, and no more', async () => {
  const env = good({ DATABASE_URL: '', GOTRUE_DB_DATABASE_URL: 'postgres://a:hunter2@127.0.0.1:1/c' })
  for (const args of [['serve'], ['migrate'], ['admin', 'users', 'list']]) {
    const { code, output } = await run(args, env)
    assert.equal(code, 1)
    assert.equal(
      output.replace(/^\{.*\n/gm, ''),
      'postern: GOTRUE_DB_DATABASE_URL: nothing listens there: check host and port, and that it runs\n',
    )
  }
})

test('it writes nothing: an empty database is told to need a migration, and stays empty', async () => {
  const empty = await testDatabase({ migrated: false })
  try {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const saml_key = privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')
    const all = {
      POSTERN_PAGES: 'true',
      POSTERN_PAGES_URL: 'http://localhost',
      GOTRUE_SAML_ENABLED: 'true',
      GOTRUE_SAML_PRIVATE_KEY: saml_key,
    }
    assert.deepEqual(await problemsOf(good({ DATABASE_URL: empty.url, ...all })), [
      'schemas auth and postern are not up to date; run: postern migrate (serve does it at its start)',
    ])
    const [found] = await empty.db.query(
      `select to_regnamespace('postern') as own, (select count(*)::int from pg_class where relnamespace = 'auth'::regnamespace) as tables`,
    )
    assert.deepEqual(found, { own: null, tables: 0 })
  } finally {
    await empty.drop()
  }
})

test('a database within the process is told to be missing before its first start, and looked at after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-doctor-'))
  const env = good({ DATABASE_URL: '', POSTERN_DB_DRIVER: 'pglite', POSTERN_DATA_DIR: folder })
  const warnings: string[] = []
  const log = { debug() {}, info() {}, warn: (_: object, text = '') => void warnings.push(text), error() {} }
  try {
    assert.match(
      (await problemsOf(env)).join(),
      /^POSTERN_DATA_DIR: there is no database in .* yet; postern serve makes it/,
    )
    const server = await startServer(loadConfig(env), log, noTelemetry)
    await server.checked
    await server.close()
    assert.deepEqual(warnings, [])
    assert.deepEqual(await problemsOf(env), [])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a clock that is a minute off is told, in which way', async () => {
  const { config } = loadConfig(good())
  for (const [off_ms, way] of [
    [60_000, 'behind'],
    [-60_000, 'ahead of'],
  ] as const) {
    const began = performance.now()
    const findings = await runChecks({ config, db: database.db, now: () => Date.now() + off_ms })
    const took_s = (performance.now() - began) / 1000
    const { problems = [] } = findings.find(({ check }) => check === 'clocks') ?? {}
    assert.equal(problems.length, 1)
    const told = new RegExp(`^the clock of the database is (\\d+) s ${way} that of this machine`).exec(
      problems[0] ?? '',
    )
    // Where the answer took long, it is not known better.
    assert.ok(Math.abs(Number(told?.[1]) - 60) <= 1 + took_s, problems[0])
  }
})

describe('a test mail', () => {
  test('goes by the outbox to the mail server, and leaves nothing behind', async () => {
    assert.deepEqual(await problemsOf(good(), 'me@example.com'), [])
    const arrived = await mail.next('me@example.com')
    assert.equal(arrived.subject, 'Test mail')
    assert.match(arrived.html, /postern doctor was asked to send/)
    assert.deepEqual(await waiting(), [])
  })

  test('that the mail server refuses is told with its reason', async () => {
    const strict = await startMailSink({
      accept: () => {
        throw Object.assign(new Error('relaying denied'), { responseCode: 554 })
      },
    })
    try {
      const problems = await problemsOf(good({ GOTRUE_SMTP_PORT: String(strict.port) }), 'me@example.com')
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? '', /^test mail: the mail server .*relaying denied/)
      assert.deepEqual(await waiting(), [])
    } finally {
      await strict.stop()
    }
  })

  test('is not sent where the address is none, or the database cannot be used', async () => {
    assert.match((await problemsOf(good(), 'nobody')).join(), /^test mail: --mail must be one e-mail address$/)
    const problems = await problemsOf(good({ DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' }), 'me@example.com')
    assert.match(problems.at(-1) ?? '', /^test mail: not sent, since configuration or database cannot be used/)
  })
})

describe('postern init', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-init-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('writes a file that nothing is wrong with, for its owner alone, with secrets that no other has', async () => {
    const files = ['one.env', 'two.env'].map((name) => join(folder, name))
    for (const file of files)
      assert.equal((await run(['init', file, '--site-url', 'https://site.example'], {})).code, 0)
    const [one = {}, two = {}] = files.map((file) => readEnvFile(readFileSync(file, 'utf8')))
    const { config, warnings } = loadConfig(one)
    assert.deepEqual(warnings, [])
    assert.equal(config.site_url, 'https://site.example')
    assert.equal(statSync(files[0] ?? '').mode & 0o777, 0o600)
    for (const name of ['GOTRUE_JWT_SECRET', 'POSTERN_SERVER_KEY']) {
      assert.ok((one[name] ?? '').length >= 48)
      assert.notEqual(one[name], two[name])
    }
    const lines = readFileSync(files[0] ?? '', 'utf8').split('\n')
    for (const name of ['POSTERN_PAGES', 'POSTERN_PAGES_URL', 'POSTERN_CONSOLE', 'POSTERN_CONSOLE_REQUIRE_AAL2'])
      assert.ok(
        lines.some((line) => line.startsWith(`#${name}=`)),
        `${name} is mentioned, and off`,
      )
    for (const [at, line] of lines.entries())
      if (/^#?[A-Z_]+=/.test(line)) assert.match(lines[at - 1] ?? '', /^# .+\.$/)
  })

  test('leaves a file that is there as it is', async () => {
    const file = join(folder, 'one.env')
    const before = readFileSync(file, 'utf8')
    const { code, output } = await run(['init', file], {})
    assert.equal(code, 1)
    assert.match(output, /is there already and stays as it is/)
    assert.equal(readFileSync(file, 'utf8'), before)
  })
})
