// Broken configurations: what postern doctor says of each, and what postern serve does with it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { after, describe, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { examine } from '../../src/cli/doctor/run-doctor.ts'
import { startServer } from '../../src/cli/start-server.ts'
import { ConfigError, loadConfig } from '../../src/config/load.ts'
import { noTelemetry } from '../../src/operations/telemetry.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type MailSink, startMailSink } from './mail-sink.ts'
import { ownPort } from './own-port.ts'

/** Variables of the environment. */
export type Variables = Record<string, string>

/** A configuration with one fault. */
export interface Broken {
  what: string
  env: () => Variables
  /** The one problem. */
  says: RegExp
  /** Templates at addresses are fetched for the first mail, and the log warns then. */
  serve: 'refuses' | 'warns' | 'waits for the first mail'
  /** Run as the superuser in a database of its own. */
  sql?: string
}

const pem = (name: string) => readFileSync(new URL(`../fixtures/certificates/${name}.pem`, import.meta.url))
const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object(server.address()).port
}

/** What faults are made of, for the tests of a file: a database, and ports that are closed, taken, and with an expired certificate. */
export async function startBrokenConfigurations() {
  const [database, mail] = await Promise.all([testDatabase(), startMailSink()])
  const taken = createServer()
  const expired = createTlsServer({ cert: pem('expired'), key: pem('expired-key') })
  const ports = {
    closed: await ownPort(),
    taken: await listening(taken),
    expired: await listening(expired),
  }
  after(async () => {
    taken.close()
    expired.close()
    await mail.stop()
    await database.drop()
  })
  return { database, ports, good: goodConfiguration(database, mail) }
}

/** A configuration that nothing is wrong with. */
export const goodConfiguration = (database: TestDatabase, mail: MailSink): Variables => ({
  DATABASE_URL: database.url,
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'https://app.example.test',
  GOTRUE_JWT_SECRET: 'Vf3k-9Lq7sYtZ1wXc5Rb8Nm2Pd6Hj4Ga',
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_SMTP_HOST: '127.0.0.1',
  GOTRUE_SMTP_PORT: String(mail.port),
  GOTRUE_SMTP_ADMIN_EMAIL: 'no-reply@example.test',
  GOTRUE_API_HOST: '127.0.0.1',
  PORT: '0',
})

/** Whether the server starts, and what it says of it: the reason, or its warnings. */
async function serve(env: Variables): Promise<{ starts: boolean; says: string }> {
  const warnings: string[] = []
  const log = { debug() {}, info() {}, warn: (_: object, text = '') => void warnings.push(text), error() {} }
  try {
    const loaded = loadConfig(env)
    const server = await startServer(loaded, log, noTelemetry)
    await server.checked
    await server.close()
    return { starts: true, says: warnings.join('\n') }
  } catch (error) {
    if (error instanceof ConfigError) return { starts: false, says: [...error.problems, ...error.unknown].join('\n') }
    return { starts: false, says: error instanceof Error ? error.message : '' }
  }
}

/** A test for each: doctor says the one problem in one line, and serve does as the row says. */
export function testBroken(good: Variables, broken: readonly Broken[]): void {
  describe('a broken configuration is found before, in one line', () => {
    for (const row of broken) test(`${row.what}: serve ${row.serve}`, () => check(good, row))
  })
}

async function check(good: Variables, { env, says, serve: does, sql }: Broken): Promise<void> {
  const own = sql === undefined ? null : await testDatabase()
  try {
    if (own && sql !== undefined) {
      const admin = openPostgres({ url: own.admin_url, namespace: 'auth', max: 1 })
      await admin.script(sql).finally(() => admin.close())
    }
    const all = { ...good, ...(own && { DATABASE_URL: own.url }), ...env() }
    // Those that are set to nothing are left out.
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
    const problems = (await examine(given)).flatMap((finding) => finding.problems)
    const [found = '', ...more] = problems.filter((problem) => says.test(problem))
    assert.ok(found !== '', problems.join('\n'))
    assert.deepEqual(more, [])
    // A migration is due where the table of migrations cannot be read, and a missing name is told beside its hint.
    assert.deepEqual(
      problems.filter((problem) => problem !== found && !/^schemas |is required/.test(problem)),
      [],
    )
    assert.ok(!/\n/.test(found) && !/hunter2|ss#w|ss-w/.test(found), found)
    const server = await serve(given)
    assert.equal(server.starts, does !== 'refuses', server.says)
    if (does !== 'waits for the first mail') assert.match(server.says, new RegExp(says.source, 'm'))
    assert.doesNotMatch(server.says, /hunter2|ss#w/)
  } finally {
    await own?.drop()
  }
}
