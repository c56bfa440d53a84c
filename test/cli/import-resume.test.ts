// An import that was interrupted, or of which lines failed, goes on account by account; the shell says how far it is.
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { startProgress } from '../../src/cli/import/progress.ts'
import type { Db } from '../../src/storage/db.ts'
import { openPostgres } from '../../src/storage/driver/postgres.ts'
import { commandEnvironment, testFolder } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { runImportCommand } from '../support/import.ts'
import { startCommand, until } from '../support/process.ts'

let database: TestDatabase
let files: Awaited<ReturnType<typeof testFolder>>

before(async () => {
  database = await testDatabase()
  files = await testFolder()
})
after(async () => {
  await database.drop()
  await files.remove()
})

const run = (args: string[], db = database.db) => runImportCommand(args, db)
const outcomes = (results: { outcome: string }[]) => results.map(({ outcome }) => outcome)

test('failed lines are tried again and kept in a file that can be mended and imported; what is done is not done twice', async () => {
  await database.db.script(`
    create table auth.opening_hours (open boolean);
    create function auth.refuse_late() returns trigger language plpgsql as $$
      begin if not exists (select from auth.opening_hours) then raise exception 'closed'; end if; return new; end $$;
    create trigger refuse_late before insert on auth.users for each row when (new.email like 'late%') execute function auth.refuse_late();`)
  const file = await files.save('late.ndjson', [
    { email: 'early@example.com' },
    { email: 'late@example.com', password_hash: '7ed09bd33dfec3db4424e4f214cb203c' },
    { email: 'no address' },
  ])
  const first = await run([file])
  assert.deepEqual(outcomes(first.results), ['created', 'failed', 'failed'])
  const kept = `${file}.failures.ndjson`
  assert.match(first.stderr, /late\.ndjson\.failures\.ndjson/)
  assert.equal((await stat(kept)).mode & 0o777, 0o600)
  const failures = (await readFile(kept, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    failures.map(({ line, message, account }) => [line, message, account.email]),
    [
      [2, 'closed', 'late@example.com'],
      [3, 'email: Unable to validate email address: invalid format', 'no address'],
    ],
  )
  await database.db.query('update auth.users set raw_user_meta_data = $1 where email = $2', [
    { changed: true },
    'early@example.com',
  ])
  await database.db.query('insert into auth.opening_hours values (true)')
  const second = await run([file, '--upsert', '--restart'])
  assert.deepEqual(outcomes(second.results), ['updated', 'created', 'failed'])
  // Again, without --restart: only what failed.
  const third = await run([file, '--upsert'])
  assert.deepEqual(
    third.results.map(({ outcome, code }) => [outcome, code]),
    [
      ['skipped', 'done_before'],
      ['skipped', 'done_before'],
      ['failed', 'validation_failed'],
    ],
  )
  const mended = await files.save(
    'mended.ndjson',
    failures.slice(1).map((one) => ({ ...one, account: { email: 'mended@example.com' } })),
  )
  assert.deepEqual(outcomes((await run([mended])).results), ['created'])
  // Other options are another run, which skips nothing that they would change.
  const mapped = await run([file, '--upsert', '--map', 'email=email'])
  assert.deepEqual(outcomes(mapped.results).slice(0, 2), ['updated', 'updated'])
})

test('a run without failures leaves neither a file nor notes', async () => {
  const file = await files.save('fine.ndjson', [{ email: 'no address' }])
  await run([file])
  await stat(`${file}.failures.ndjson`)
  await files.save('fine.ndjson', [{ email: 'fine@example.com' }])
  const ran = await run([file])
  assert.equal(ran.code, 0)
  await assert.rejects(stat(`${file}.failures.ndjson`))
  const notes = await database.db.query(
    `select 1 from postern.imported_accounts n join auth.users u on u.id = n.user_id where u.email = 'fine@example.com'`,
  )
  assert.deepEqual(notes, [])
})

/** A database that goes away after so many transactions, in the middle of the last one or right behind it. */
function failingAfter(db: Db, count: number, is_committed: boolean): Db {
  let left = count
  return {
    ...db,
    async transaction(work) {
      if (left-- > 0) return db.transaction(work)
      if (is_committed) await db.transaction(work)
      else
        await db
          .transaction(async (tx) => {
            await work(tx)
            throw new Error('rolled back')
          })
          .catch(() => {})
      throw new Error('the connection is gone')
    },
  }
}

test('an import that is interrupted in ten places loses and doubles nothing', async () => {
  const people = Array.from({ length: 5200 }, (_, i) => ({
    ...(i % 3 === 0 ? { phone: `1777${String(i).padStart(7, '0')}` } : { email: `cut${i}@example.com` }),
    linked_id: undefined,
    identities: [{ provider: 'github', provider_id: `cut${i}`, identity_data: { sub: `cut${i}`, times: 1 } }],
    user_metadata: { number: i },
    factors: [{ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', friendly_name: 'App' }],
  }))
  const file = await files.save('cut.ndjson', people)
  const counted = async () =>
    (
      await database.db.query(
        `select count(*)::int as users, count(distinct u.raw_user_meta_data ->> 'number')::int as numbers,
            (select count(*)::int from auth.identities where provider_id like 'cut%') as identities,
            (select count(*)::int from auth.mfa_factors f where f.friendly_name = 'App') as factors
          from auth.users u where u.raw_user_meta_data ? 'number'`,
      )
    )[0]
  for (let place = 0; place < 10; place++) {
    const ran = await run([file, '--quiet'], failingAfter(database.db, place % 2, place % 3 === 0))
    assert.match(ran.stderr, /the connection is gone/)
    const { users, ...others } = Object(await counted())
    assert.deepEqual(others, { numbers: users, identities: users, factors: users })
  }
  const last = await run([file, '--quiet'])
  assert.equal(last.code, 0, last.stderr)
  assert.deepEqual(await counted(), { users: 5200, numbers: 5200, identities: 5200, factors: 5200 })
})

test('progress tells the total, the rate and the time that is left, every two seconds', () => {
  const said: string[] = []
  let now = 0
  const progress = startProgress(
    100_000,
    (text) => said.push(text),
    () => now,
  )
  for (now = 500; now <= 2000; now += 500) progress.tell(now * 6, { created: now * 6 - 10, failed: 10 })
  now = 20_000
  progress.tell(12_000, { created: 11_990, failed: 10 })
  assert.deepEqual(said, [
    '12,000 of 100,000 (12 %), 6,000 a second, 15 s left: 11990 created, 10 failed',
    '12,000 of 100,000 (12 %), 600 a second, 3 min left: 11990 created, 10 failed',
  ])
})

test('an import that was killed goes on with the accounts that are not done, and nobody is there twice', async () => {
  // It waits amid its lines, as long as it takes to kill it.
  await database.db.script(`
    create function auth.wait_here() returns trigger language plpgsql set lock_timeout = 0 as $$
      begin perform pg_advisory_xact_lock_shared(4711); return new; end $$;
    create trigger wait_here before insert on auth.users for each row when (new.email = 'many2000@example.com') execute function auth.wait_here();`)
  const admin = openPostgres({ url: database.admin_url, namespace: 'auth', max: 2, idle_in_transaction_ms: 0 })
  const killed_url = new URL(database.url)
  killed_url.searchParams.set('application_name', 'killed')
  const many = Array.from({ length: 3000 }, (_, i) => ({ email: `many${i}@example.com`, email_confirm: true }))
  const file = await files.save('many.ndjson', many)
  const noted = async () =>
    (
      await database.db.query<{ n: number }>(`select count(*)::int as n from postern.imported_accounts n
        join auth.users u on u.id = n.user_id where u.email like 'many%'`)
    )[0]?.n ?? 0
  await admin.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(4711)')
    const { child, ended } = startCommand(['import', file, '--quiet'], commandEnvironment(killed_url.href))
    await until('some batches are written', async () => (await noted()) >= 1000)
    child.kill('SIGKILL')
    await ended
  })
  // What was under way when the process was killed may still be committed.
  const sessions = `select from pg_stat_activity where application_name = 'killed'`
  await until('its sessions are over', async () => (await admin.query(sessions)).length === 0)
  await admin.close()
  const imported = async () =>
    (await database.db.query<{ n: number }>(`select count(*)::int as n from auth.users where email like 'many%'`))[0]?.n
  const stopped = await noted()
  assert.equal(await imported(), stopped)
  assert.ok(stopped < many.length)
  const second = await run([file, '--quiet'])
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stderr, new RegExp(`Going on: ${stopped} accounts are done`))
  assert.equal(await imported(), many.length)
  assert.equal(await noted(), 0)
})
