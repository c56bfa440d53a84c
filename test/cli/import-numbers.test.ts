// Imported files whose ids and metadata are numbers that a double cannot hold.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { testDatabase } from '../support/database.ts'
import { runImportCommand } from '../support/import.ts'

const [one, two] = ['175928847299117063', '175928847299117064']

test('identities whose ids differ in the last digit stay two, and metadata keep their digits', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-numbers-'))
  const database = await testDatabase()
  try {
    const file = join(folder, 'numbers.ndjson')
    const line = (id: string) =>
      `{"email":"n${id}@example.com","email_confirm":true,"user_metadata":{"team":${id}},"identities":[{"provider":"discord","provider_id":${id},"identity_data":{"sub":"${id}","guild":${id}}}]}`
    await writeFile(file, [one, two].map(line).join('\n'))
    const ran = await runImportCommand([file, '--quiet'], database.db)
    assert.equal(ran.code, 0, JSON.stringify(ran))
    const rows = await database.db.query<{ provider_id: string; data: string; meta: string }>(
      `select i.provider_id, i.identity_data::text as data, u.raw_user_meta_data::text as meta
        from auth.identities i join auth.users u on u.id = i.user_id where i.provider = 'discord' order by 1`,
    )
    assert.deepEqual(
      rows.map(({ provider_id }) => provider_id),
      [one, two],
    )
    for (const { provider_id, data, meta } of rows) {
      assert.match(data, new RegExp(`"guild": ${provider_id}[,}]`))
      assert.match(meta, new RegExp(`"team": ${provider_id}[,}]`))
    }
  } finally {
    await database.drop()
    await rm(folder, { recursive: true })
  }
})
