// What docs/operations.md says of backups is done here, line by line, on a PostgreSQL of Debian: what comes back serves.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { refusal } from '../support/cases.ts'
import { commandEnvironment } from '../support/command.ts'
import { type DebianPostgres, missingPostgres, startDebianPostgres } from '../support/debian-postgres.ts'
import { readPages, root, sectionOf, shellLinesOf } from '../support/documentation.ts'
import { startTestServer } from '../support/server.ts'

const missing = missingPostgres()
const run = promisify(execFile)
const person = { email: 'ada@example.com', password: 'correct horse battery staple' }
const key = randomBytes(32).toString('base64url')
const encryption = {
  GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT: 'true',
  GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY_ID: 'k1',
  GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY: key,
  GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS: `k1:${key}`,
}

/** A server on a database of that PostgreSQL, whose passwords are encrypted. */
async function serveOn(postgres: DebianPostgres, name: string) {
  const url = postgres.url(name)
  const db = openPostgres({ url, namespace: 'auth', max: 4 })
  const database = { url, admin_url: postgres.adminUrl(name), db, drop: () => db.close(0) }
  await migrate(db, { namespace: 'auth' })
  const server = await startTestServer({ database, env: { GOTRUE_MAILER_AUTOCONFIRM: 'true', ...encryption } })
  const close = async () => {
    await server.close()
    await db.close(0)
  }
  return { server, close }
}

async function signsIn(postgres: DebianPostgres, name: string): Promise<void> {
  const { server, close } = await serveOn(postgres, name)
  try {
    const answer = await server.request('POST', '/token?grant_type=password', { body: person })
    assert.equal(refusal(answer), '200 undefined', answer.text)
  } finally {
    await close()
  }
}

test('a backup is made, restored and served from by the lines of docs/operations.md', {
  skip: missing ?? false,
}, async () => {
  const page = (await readPages()).find(({ name }) => name === 'docs/operations.md')
  const lines = shellLinesOf(sectionOf(page?.text ?? '', 'Backup and restore'))
  for (const program of ['pg_dump', 'pg_restore', 'pg_basebackup', 'pg_verifybackup'])
    assert.ok(
      lines.some((line) => line.startsWith(program)),
      program,
    )
  const postgres = await startDebianPostgres()
  const folder = mkdtempSync(join(tmpdir(), 'postern-backup-'))
  try {
    const { server, close } = await serveOn(postgres, 'postgres')
    assert.equal(refusal(await server.request('POST', '/signup', { body: person })), '200 undefined')
    await close()
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/postern'), `#!/bin/sh\nexec "${process.execPath}" "${root}/bin/postern.js" "$@"\n`)
    chmodSync(join(folder, 'bin/postern'), 0o755)
    const env = {
      ...commandEnvironment(postgres.url('postgres')),
      ...encryption,
      ADMIN_URL: postgres.adminUrl('postgres'),
      RESTORED_URL: postgres.adminUrl('restored'),
      RESTORED_SERVER_URL: postgres.url('restored'),
      PATH: `${folder}/bin:${postgres.bin}:${process.env.PATH}`,
      HOME: folder,
    }
    let said = ''
    for (const line of lines) {
      const { stdout, stderr } = await run('bash', ['-c', line], { cwd: folder, env }).catch((error) =>
        assert.fail(`${line}\n${error.stderr}`),
      )
      said += stdout + stderr
    }
    assert.match(said, /up to date/)
    assert.match(said, /ada@example\.com/)
    await signsIn(postgres, 'restored')
    const second = await startDebianPostgres(join(folder, 'base'))
    await signsIn(second, 'postgres').finally(() => second.stop())
  } finally {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
