// A hundred thousand accounts with passwords are imported within a minute.
import assert from 'node:assert/strict'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import { startCommand } from '../support/process.ts'
import { jwtSecret } from '../support/server.ts'

const count = 100_000

test('100,000 accounts in under 60 s', { timeout: 180_000 }, async () => {
  const database = await testDatabase()
  const file = join(tmpdir(), `postern-import-${process.pid}.ndjson`)
  const handle = await open(file, 'w')
  const hash = `$2b$10$${'a'.repeat(53)}`
  for (let i = 0; i < count; i++)
    await handle.write(
      `${JSON.stringify({ email: `person${i}@example.com`, email_confirm: true, password_hash: hash, user_metadata: { name: `Person ${i}`, plan: 'free' } })}\n`,
    )
  await handle.close()
  try {
    const began = performance.now()
    const { ended, output } = startCommand(['import', file, '--quiet'], {
      DATABASE_URL: database.url,
      API_EXTERNAL_URL: 'http://auth.example.test',
      GOTRUE_SITE_URL: 'http://site.example',
      GOTRUE_JWT_SECRET: jwtSecret,
      GOTRUE_JWT_AUD: 'authenticated',
    })
    assert.equal(await ended, 0, output())
    const took_s = (performance.now() - began) / 1000
    const [row] = await database.db.query(
      'select count(*)::int as users, (select count(*)::int from auth.identities) as identities from auth.users',
    )
    assert.deepEqual(row, { users: count, identities: count })
    console.log(`${count} accounts in ${took_s.toFixed(1)} s`)
    assert.ok(took_s < 60, `${took_s} s`)
  } finally {
    await rm(file, { force: true })
    await database.drop()
  }
})
