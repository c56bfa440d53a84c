// FLT-12: whenever a migration is killed, the next one leads to the recorded schema.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { testDatabase } from '../support/database.ts'
import { startCommand } from '../support/process.ts'
import { answeredSchema, recordedSchema } from '../support/schema-recording.ts'

const folder = new URL('../fixtures/older-schemas/', import.meta.url)
const [oldest = ''] = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()

test('FLT-12 a migration that is killed at any moment is done by the next run', { timeout: 120_000 }, async () => {
  const database = await testDatabase({ migrated: false })
  const admin = openPostgres({ url: database.admin_url, namespace: 'auth', max: 1 })
  const env = {
    DATABASE_URL: database.url,
    API_EXTERNAL_URL: 'http://auth.example.test',
    GOTRUE_SITE_URL: 'http://site.example',
    GOTRUE_JWT_SECRET: 'test-secret-with-at-least-32-characters',
  }
  try {
    await database.db.script((await readFile(new URL(oldest, folder), 'utf8')).replace('CREATE SCHEMA auth;', ''))
    const whole = performance.now()
    const first = startCommand(['version'], env)
    await first.ended
    const start_ms = performance.now() - whole
    let killed = 0
    for (let step = 0; step < 8; step++) {
      const { child, ended } = startCommand(['migrate'], env)
      const timer = setTimeout(() => child.kill('SIGKILL'), start_ms + step * 40)
      const code = await ended
      clearTimeout(timer)
      if (code === null) killed++
    }
    assert.ok(killed > 0, 'some runs were killed')
    const last = startCommand(['migrate'], env)
    assert.equal(await last.ended, 0, last.output())
    assert.deepEqual(await answeredSchema(admin), await recordedSchema())
  } finally {
    await admin.close()
    await database.drop()
  }
})
