// FLT-12: whenever a migration is killed, the next one leads to the recorded schema.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { testDatabase } from '../support/database.ts'
import { startCommand, until } from '../support/process.ts'
import { answeredSchema, recordedSchema } from '../support/schema-recording.ts'

const folder = new URL('../fixtures/older-schemas/', import.meta.url)
const [oldest = ''] = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()

const waiting = `select from pg_locks l join pg_database d on d.oid = l.database
  where not l.granted and d.datname = current_database()`
/** Tables that a migration of the oldest schema comes by, from its beginning to its end. */
const tables = ['users', 'refresh_tokens', 'instances', 'audit_log_entries']

test('FLT-12 a migration that is killed at any moment is done by the next run', { timeout: 120_000 }, async () => {
  const database = await testDatabase({ migrated: false })
  const admin = openPostgres({ url: database.admin_url, namespace: 'auth', max: 2, idle_in_transaction_ms: 0 })
  const env = {
    DATABASE_URL: database.url,
    API_EXTERNAL_URL: 'http://auth.example.test',
    GOTRUE_SITE_URL: 'http://site.example',
    GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
  }
  try {
    await database.db.script((await readFile(new URL(oldest, folder), 'utf8')).replace('CREATE SCHEMA auth;', ''))
    const killed: string[] = []
    for (const table of tables)
      await admin.transaction(async (tx) => {
        await tx.query(`lock table auth.${table} in access exclusive mode`)
        const { child, ended } = startCommand(['migrate'], env)
        const waits = async () => child.exitCode !== null || (await admin.query(waiting)).length > 0
        await until('it waits for the table, or has ended', waits)
        child.kill('SIGKILL')
        if ((await ended) === null) killed.push(table)
      })
    assert.ok(killed.includes('users'), `killed at ${killed.join()}`)
    const whole = performance.now()
    await startCommand(['version'], env).ended
    const start_ms = performance.now() - whole
    for (let step = 0; step < 4; step++) {
      const { child, ended } = startCommand(['migrate'], env)
      const timer = setTimeout(() => child.kill('SIGKILL'), start_ms + step * 80)
      await ended
      clearTimeout(timer)
    }
    const last = startCommand(['migrate'], env)
    assert.equal(await last.ended, 0, last.output())
    assert.deepEqual(await answeredSchema(admin), await recordedSchema())
  } finally {
    await admin.close()
    await database.drop()
  }
})
