// What an export writes makes the same database elsewhere: compared row by row, table by table.
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createExportFile } from '../../src/cli/import/sealed-file.ts'
import { createColumnCipher } from '../../src/crypto/column-cipher.ts'
import { exportAccounts } from '../../src/flows/import/export-accounts.ts'
import { accountTables, type PortableTable, sharedTables, userColumns } from '../../src/storage/portable-tables.ts'
import { runCommand, testFolder } from '../support/command.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { runImportCommand } from '../support/import.ts'

const passphrase = 'a passphrase of some length'
const column_cipher = createColumnCipher({ encrypt: false, key_id: '', key: '', decryption_keys: {} })
let files: Awaited<ReturnType<typeof testFolder>>

before(async () => {
  files = await testFolder()
})
after(() => files.remove())

async function fill({ db }: TestDatabase, count: number): Promise<void> {
  const text = await readFile(new URL('../fixtures/import/every-feature.sql', import.meta.url), 'utf8')
  await db.script(text.replaceAll(':count', String(count)))
}

async function exportSealed({ db }: TestDatabase, name: string) {
  const path = join(files.folder, name)
  const file = await createExportFile(path, passphrase)
  const done = await exportAccounts({ db, column_cipher, with_hashes: true, with_secrets: true, write: file.write })
  await file.close()
  return { path, ...done }
}

/** The rows of a table as texts, of the columns that move. */
async function rowsOf({ db }: TestDatabase, { table, columns }: PortableTable): Promise<string[]> {
  const owner = accountTables.some((one) => one.table === table) ? ['user_id'] : []
  const rows = await db.query<{ row: string }>(
    `select json_build_array(${[...columns, ...owner].map((name) => `t.${name}`).join(', ')})::text as row from ${table} t order by 1`,
  )
  return rows.map(({ row }) => row)
}

const users: PortableTable = {
  name: 'users',
  table: 'auth.users',
  columns: [...userColumns, 'encrypted_password'],
  key: ['id'],
}
const own: PortableTable[] = [
  {
    name: 'foreign',
    table: '(select user_id as id, * from postern.foreign_passwords)',
    columns: ['id', 'scheme', 'params'],
    key: [],
  },
  {
    name: 'vouched',
    table: `(select user_id as id, * from postern.pending_credentials where token_hash = '')`,
    columns: ['id'],
    key: [],
  },
]

test('10,000 accounts with every feature: no row differs in the database that imports them', async () => {
  const [source, target] = await Promise.all([testDatabase(), testDatabase()])
  try {
    await fill(source, 10_000)
    await source.db.script(`
      insert into auth.webauthn_credentials (id, user_id, credential_id, public_key, sign_count, aaguid, transports, friendly_name)
        select md5('passkey' || id)::uuid, id, decode(md5(id::text), 'hex'), decode(md5('key' || id), 'hex'), 7,
          gen_random_uuid(), '["usb", "nfc"]', 'Key' from auth.users where email like '%3@example.com';
      insert into postern.recovery_code_sets (id, user_id, friendly_name) select md5('set' || id)::uuid, id, 'Printed'
        from auth.users where email like '%4@example.com';
      insert into postern.recovery_codes (set_id, user_id, code_hash, used_at)
        select s.id, s.user_id, md5('code' || n || s.id), case when n = 1 then timestamptz '2025-06-07 08:09:10+00' end
          from postern.recovery_code_sets s, generate_series(1, 3) n;
      insert into postern.foreign_passwords (user_id, scheme, params)
        select id, 'phpass', jsonb_build_object('scheme', 'phpass', 'text', '$P$9IlKxVtOPUYqxbc8Uh3XLnYoqzmsJh.')
          from auth.users where email like '%1@example.com';
      insert into postern.pending_credentials (user_id, token_hash) select id, '' from auth.users
        where email_confirmed_at is null and phone_confirmed_at is null and email like '%2@example.com';
      insert into auth.custom_oauth_providers (id, identifier, name, provider_type, client_id, client_secret, issuer, scopes, attribute_mapping)
        values (gen_random_uuid(), 'custom:acme', 'Acme', 'oidc', 'id', 'the secret', 'https://acme.example', array['openid', 'a,b"c'], '{"email": "mail"}');
      insert into auth.oauth_clients (id, client_name, client_secret_hash, registration_type, redirect_uris, grant_types, token_endpoint_auth_method)
        values (gen_random_uuid(), 'App', 'hash', 'manual', 'https://app.example/cb', 'authorization_code', 'client_secret_basic');
      insert into postern.oauth_client_metadata (id, metadata) select id, '{"scope": "orders:read"}' from auth.oauth_clients;
      insert into postern.scim_tokens (id, sso_provider_id, name, token_hash) select gen_random_uuid(), id, 'Entra ID', md5(id::text)
        from auth.sso_providers;
      insert into postern.scim_users (user_id, sso_provider_id, identity_id, user_name, external_id, active, attributes, version)
        select u.id, p.id, md5('identity' || u.id)::uuid, u.id::text, md5(u.id::text), u.email like '%15@%', '{"title": "Dr"}', 3
          from auth.users u, (select id from auth.sso_providers limit 1) p where u.email like '%5@example.com';
      insert into postern.scim_groups (id, sso_provider_id, display_name) select gen_random_uuid(), id, 'Staff' from auth.sso_providers;
      insert into postern.scim_members (group_id, user_id) select g.id, s.user_id from postern.scim_users s, postern.scim_groups g;
      insert into auth.users (id, deleted_at, email) values (gen_random_uuid(), now(), 'gone')`)
    const { path, accounts, left_out } = await exportSealed(source, 'all.sealed')
    assert.equal(accounts, 10_000)
    assert.deepEqual(left_out, [{ count: 1, what: 'deleted accounts', why: 'nothing is left of them but an id' }])
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    const text = await readFile(path, 'utf8')
    assert.doesNotMatch(text, /person1@|JBSWY3DP|the secret/)
    const ran = await runImportCommand([path, '--quiet'], target.db, undefined, passphrase)
    assert.equal(ran.code, 0, ran.stdout.slice(0, 2000) + ran.stderr)
    await source.db.query('delete from auth.users where deleted_at is not null')
    for (const table of [users, ...accountTables, ...sharedTables, ...own] as PortableTable[]) {
      const [wanted, found] = [await rowsOf(source, table), await rowsOf(target, table)]
      assert.ok(wanted.length > 0, table.name)
      assert.equal(found.length, wanted.length, table.name)
      const differs = wanted.findIndex((row, at) => row !== found[at])
      assert.equal(found[differs], wanted[differs], table.name)
    }
    const wrong = await runImportCommand([path], target.db, undefined, 'another passphrase')
    assert.match(wrong.stderr, /the passphrase is wrong, or the file was changed/)
    const cut = await files.save('cut.sealed', text.split('\n').slice(0, -2).join('\n'))
    assert.match((await runImportCommand([cut], target.db, undefined, passphrase)).stderr, /was cut off/)
  } finally {
    await Promise.all([source.drop(), target.drop()])
  }
})

test("the recorded server's own database is exported as it is, without our schema, and nothing is written to it", async () => {
  const [source, target] = await Promise.all([testDatabase({ migrated: false }), testDatabase()])
  try {
    const schema = await readFile(new URL('../fixtures/older-schemas/20250904133000.sql', import.meta.url), 'utf8')
    await source.db.script(schema.replace(/create schema auth;/i, 'create schema if not exists auth;'))
    await fill(source, 200)
    const { path } = await exportSealed(source, 'recorded.sealed')
    const schemas = await source.db.query(`select 1 from pg_namespace where nspname = 'postern'`)
    assert.deepEqual(schemas, [])
    const ran = await runImportCommand([path, '--quiet'], target.db, undefined, passphrase)
    assert.equal(ran.code, 0, ran.stdout.slice(0, 2000) + ran.stderr)
    const there = ({ name }: PortableTable) =>
      ['users', 'identities', 'factors', 'sso_providers', 'sso_domains', 'saml_providers'].includes(name)
    for (const table of [users, ...accountTables, ...sharedTables].filter(there) as PortableTable[]) {
      const columns = table.columns.filter((name) => name !== 'last_webauthn_challenge_data')
      assert.deepEqual(
        await rowsOf(target, { ...table, columns }),
        await rowsOf(source, { ...table, columns }),
        table.name,
      )
    }
    // Nobody vouches for passwords of addresses that were never proved there.
    assert.deepEqual(await target.db.query('select 1 from postern.pending_credentials'), [])
  } finally {
    await Promise.all([source.drop(), target.drop()])
  }
})

test('--with-secrets asks for a passphrase, writes one row into the audit log, and never over a file', async () => {
  const source = await testDatabase()
  try {
    await fill(source, 50)
    const path = join(files.folder, 'shell.sealed')
    const args = ['export', '--with-secrets', '--output', path]
    const short = await runCommand(args, source.url, { input: 'short\n' })
    assert.deepEqual([short.code, /12 characters or more/.test(short.stderr)], [2, true])
    const ran = await runCommand(args, source.url, { input: `${passphrase}\n` })
    assert.equal(ran.code, 0, ran.stderr)
    const entries = await source.db.query<{ payload: Record<string, unknown> }>(
      `select payload from auth.audit_log_entries where payload ->> 'action' = 'accounts_exported'`,
    )
    assert.deepEqual(
      entries.map(({ payload }) => payload.traits),
      [{ with_secrets: true, file: path }],
    )
    assert.notEqual(entries[0]?.payload.actor_username, '')
    const again = await runCommand(args, source.url, { input: `${passphrase}\n` })
    assert.equal(again.code, 1)
    assert.match(again.stderr, /^postern: .+shell\.sealed is there already and stays as it is; name another file/)
    const plain = await runCommand(['export'], source.url)
    assert.match(plain.stderr, /Left out: \d+ factors \(--with-secrets takes them\)/)
    assert.match(plain.stderr, /Left out: \d+ password hashes/)
    assert.doesNotMatch(plain.stdout, /JBSWY3DP|\$2a\$/)
  } finally {
    await source.drop()
  }
})
