// Tables of our own: each is swept, goes with something else or has an end of its own, and no sweep reads a whole table.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createCleaner, ownStatements, runCleanup } from '../../src/storage/cleanup.ts'
import type { Param } from '../../src/storage/db.ts'
import { takeLogoutNotices } from '../../src/storage/logout-notices.ts'
import {
  accountTables,
  leftOutTables,
  momentaryTables,
  partlyTables,
  sharedTables,
} from '../../src/storage/portable-tables.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { until } from '../support/process.ts'

let database: TestDatabase

before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

const query = <Row>(text: string) => database.db.query<Row>(text)
const count = async (table: string) =>
  (await query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]?.n ?? -1

const sweepOf = (table: string) => ownStatements().find((one) => one.startsWith(`delete from postern.${table} `)) ?? ''
const swept = (table: string) => runCleanup(database.db, sweepOf(table))

/** Why a table that no statement of the clean-up names does not grow for ever. */
const bounded: Record<string, string> = {
  outbox: 'whoever leases mails drops those that are over',
  rate_limits: 'the store deletes what is over in passing',
  migrations: 'a row a version',
  kept_numbers: 'a row for each of a few names',
  instances: 'whoever announces itself drops those that are gone',
  recovery_code_sets: 'a row an account, which it goes with',
  recovery_codes: 'they go with their set',
  oauth_client_metadata: 'a row an application, which it goes with',
  bound_sessions: 'a row a session, which it goes with',
  authorization_details: 'a row an authorization, which it goes with',
  scim_users: 'a row an account, which it goes with',
  application_sessions: 'a row a session, which it goes with',
  page_sessions: 'they go with their session, which is swept when it is old',
}

async function ownTables(): Promise<string[]> {
  const rows = await query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'postern'::regnamespace and relkind in ('r', 'p') order by 1`,
  )
  return rows.map(({ name }) => name)
}

test('every table of ours is swept without being asked, or is bounded for a reason', async () => {
  const swept = new Set(ownStatements().map((statement) => /^delete from postern\.(\w+)/.exec(statement)?.[1]))
  const tables = await ownTables()
  assert.ok(tables.length > 20)
  assert.deepEqual(
    tables.filter((table) => swept.has(table) === table in bounded),
    [],
  )
  assert.deepEqual(
    Object.keys(bounded).filter((table) => !tables.includes(table)),
    [],
  )
})

test('what is said to go with something else does so in the database', async () => {
  const rows = await query<{ name: string }>(
    `select conrelid::regclass::text as name from pg_constraint where contype = 'f' and confdeltype = 'c'
        and connamespace = 'postern'::regnamespace`,
  )
  const going = new Set(rows.map(({ name }) => name.replace('postern.', '')))
  const said = Object.keys(bounded).filter((table) => / go(es)? with/.test(bounded[table] ?? ''))
  assert.ok(said.length > 5)
  assert.deepEqual(
    said.filter((table) => !going.has(table)),
    [],
  )
})

test('every table is exported, or left out on purpose', async () => {
  const rows = await query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('postern', 'auth') and c.relkind in ('r', 'p') order by 1`,
  )
  const places = [accountTables, sharedTables, leftOutTables, momentaryTables, partlyTables].flatMap((list) =>
    list.map(({ table }) => table as string),
  )
  assert.deepEqual(
    rows.map(({ name }) => name).filter((name) => !places.includes(name)),
    [],
  )
  assert.deepEqual(
    places.filter((table) => !rows.some(({ name }) => name === table)),
    [],
  )
  assert.deepEqual(
    places.filter((table, at) => places.indexOf(table) !== at),
    [],
  )
})

test('what strangers leave goes as quickly as they can make it, and a session that lasts keeps its notice', async () => {
  await query(`insert into auth.users (id) values ('00000000-0000-4000-8000-000000000001')`)
  await query(`insert into auth.sessions (id, user_id) select gen_random_uuid(), id from auth.users`)
  await query(`insert into postern.logout_notices (session_id, user_id, client_id, next_attempt_at)
    select id, user_id, gen_random_uuid(), now() - interval '9 days' from auth.sessions
    union all select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now() - interval '9 days'`)
  await query(`insert into postern.used_tokens (hash, expires_at)
    select 'h' || n, now() - interval '1 second' from generate_series(1, 3000) n`)
  await query(
    `insert into postern.foreign_passwords (user_id, scheme) select gen_random_uuid(), 'md5' from generate_series(1, 500)`,
  )
  const statements = ownStatements()
  let removed = 0
  let atOnce = 0
  let most = 0
  const db = {
    query: async <Row>(text: string): Promise<Row[]> => {
      most = Math.max(most, ++atOnce)
      return await database.db.query<Row>(text).finally(() => atOnce--)
    },
  }
  const written = createCleaner(db, {
    statements,
    every: 4,
    onSwept: (rows) => {
      removed += rows
    },
    onFailed: (error) => assert.fail(String(error)),
  })
  await until('everything is swept', () => {
    for (let i = 0; i < 50; i++) written()
    return removed >= 3501
  })
  assert.equal(most, 1)
  assert.equal(await count('postern.used_tokens'), 0)
  assert.equal(await count('postern.foreign_passwords'), 0)
  assert.equal(await count('postern.logout_notices'), 1)
})

test('what somebody changes at this moment is not waited for, and lives on', async () => {
  const user_id = '00000000-0000-4000-8000-000000000002'
  await query(`insert into auth.users (id) values ('${user_id}')`)
  await query(
    `insert into postern.attempts (scope, subject, window_start, count) values ('x', 'x', now() - interval '3 days', 9)`,
  )
  await query(`insert into postern.link_tokens (user_id, token_type, token_hash, link_hash)
    values ('${user_id}', 'recovery_token', 'used', 'used')`)
  await database.db.transaction(async (tx) => {
    await tx.query(`update postern.attempts set window_start = now(), count = 1`)
    await tx.query(`update postern.link_tokens set token_hash = 'new', link_hash = 'new'`)
    // Whoever waits for this transaction waits for itself, and fails by lock_timeout.
    assert.deepEqual([await swept('attempts'), await swept('link_tokens')], [0, 0])
  })
  assert.equal(await count('postern.attempts'), 1)
  assert.equal(await count(`postern.link_tokens where token_hash = 'new'`), 1)
  assert.equal(await swept('link_tokens'), 1)
  await query('delete from postern.attempts')
})

test('members that an import brings before their group have a day, however old their account is', async () => {
  const user_id = '00000000-0000-4000-8000-000000000003'
  await query(`insert into auth.users (id, created_at) values ('${user_id}', now() - interval '3 years')`)
  await query(`insert into postern.scim_users (user_id, sso_provider_id, identity_id, user_name, active, created_at)
    values ('${user_id}', gen_random_uuid(), gen_random_uuid(), 'ada', true, now() - interval '3 years')`)
  await query(`insert into postern.scim_members (group_id, user_id) values (gen_random_uuid(), '${user_id}')`)
  assert.equal(await swept('scim_members'), 0)
  await query(`update postern.scim_members set created_at = now() - interval '2 days'`)
  assert.equal(await swept('scim_members'), 1)
})

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Plan[]
}

test('no sweep reads a whole table, however large it is and however little there is to remove', async () => {
  const many = 12_000
  const ids = `(lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000')::uuid`
  const from = `from generate_series(1, ${many}) n`
  await query(`insert into auth.users (id, recovery_token) select ${ids}, n ${from}`)
  await query(`insert into auth.sessions (id, user_id) select ${ids}, ${ids} ${from}`)
  await query(
    `insert into auth.identities (id, user_id, provider, provider_id, identity_data) select ${ids}, ${ids}, 'x', n, '{}' ${from}`,
  )
  await query(`insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to)
    select ${ids}, ${ids}, 'recovery_token', n, n ${from}`)
  await query(`insert into auth.sso_providers (id) values (gen_random_uuid())`)
  const provider = '(select id from auth.sso_providers limit 1)'
  const fills = [
    `used_tokens (hash, expires_at) select n, now() + interval '1 day'`,
    `attempts (scope, subject, window_start, count) select 'x', n, now(), 1`,
    `trusted_devices (id, user_id, token_hash, basis, expires_at) select ${ids}, ${ids}, n, 'x', now() + interval '1 day'`,
    `pending_credentials (user_id, token_hash) select ${ids}, n`,
    `foreign_passwords (user_id, scheme) select ${ids}, 'md5'`,
    `link_tokens (user_id, token_type, token_hash, link_hash) select ${ids}, 'recovery_token', n, n`,
    `page_sessions (handle_hash, session_id) select n, ${ids}`,
    `logout_notices (session_id, user_id, client_id, next_attempt_at, live_session_id)
        select ${ids}, ${ids}, ${ids}, now() - interval '9 days', ${ids}`,
    `provider_tokens (identity_id, sealed) select ${ids}, 'x'`,
    `saml_sessions (holder_id, sso_provider_id, name_id) select ${ids}, ${provider}, n`,
    `scim_users (user_id, sso_provider_id, identity_id, user_name, active) select ${ids}, ${provider}, ${ids}, n, true`,
    `scim_groups (id, sso_provider_id, display_name) select ${ids}, ${provider}, n`,
    `scim_members (group_id, user_id) select ${ids}, ${ids}`,
  ]
  for (const fill of fills) await query(`insert into postern.${fill} ${from}`)
  await query('analyze')
  for (const statement of ownStatements()) {
    const [row] = await query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
      `explain (analyze, buffers, format json) ${statement}`,
    )
    const plan = row?.['QUERY PLAN'][0]?.Plan
    assert.ok(plan)
    // Ten pages are drawn on average, of 150 rows at most, each with two look-ups; a table that is read as a whole is 12,000 rows.
    const rows = rowsRead(plan)
    assert.ok(rows < 9000, `${rows} rows are read by: ${statement}`)
  }
  assert.equal(await count('postern.scim_members'), many)
})

/** Rows that scans of tables gave, before and after conditions. */
function rowsRead(plan: Plan): number {
  const removed = Object.entries(plan)
    .filter(([name]) => name.startsWith('Rows Removed'))
    .reduce((sum, [, value]) => sum + Number(value), 0)
  const own = plan['Relation Name'] ? (plan['Actual Rows'] + removed) * plan['Actual Loops'] : 0
  return (plan.Plans ?? []).reduce((sum, inner) => sum + rowsRead(inner), own)
}

test('notices of sessions that are over are found without a look at those of the many that live', async () => {
  await query(`delete from auth.sessions where id in (select id from auth.sessions order by id desc limit 3)`)
  const plans: Plan[] = []
  const explaining = {
    async query<Row>(text: string, params?: readonly Param[]): Promise<Row[]> {
      const [row] = await database.db.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        `explain (analyze, buffers, format json) ${text}`,
        params,
      )
      plans.push(...(row?.['QUERY PLAN'] ?? []).map(({ Plan: plan }) => plan))
      return []
    },
  }
  await takeLogoutNotices(explaining, 100)
  assert.match(JSON.stringify(plans), /"Index Name":"logout_notices_due_idx"/)
  assert.ok(rowsRead(plans[0] as Plan) < 50, JSON.stringify(plans))
  assert.deepEqual(await takeLogoutNotices(database.db, 100), [], 'three were taken, and come again later')
  await query(`update postern.logout_notices set next_attempt_at = now() where live_session_id is null`)
  const due = await takeLogoutNotices(database.db, 100)
  assert.deepEqual(
    due.map(({ attempts }) => attempts),
    [2, 2, 2],
  )
})

test('a row that is left of an account that is gone is found among many others', async () => {
  await query(`delete from auth.users where id = (select id from auth.users order by id desc limit 1 offset 5000)`)
  const before = await count('postern.provider_tokens')
  let found = 0
  for (let tries = 0; tries < 2000 && found === 0; tries++) found += await swept('provider_tokens')
  assert.equal(found, 1)
  assert.equal(await count('postern.provider_tokens'), before - 1)
})
