// postern doctor and databases that cannot be used: each is found before, in one line that says what to do.
import { type Broken, startBrokenConfigurations, testBroken, type Variables } from '../support/broken-configurations.ts'

const { database, good, ports } = await startBrokenConfigurations()
/** The address of the database with something else in one of its places. */
const at = (change: Partial<Pick<URL, 'password' | 'hostname' | 'pathname' | 'search'>>): Variables => ({
  DATABASE_URL: Object.assign(new URL(database.url), change).href,
})

const broken: Broken[] = [
  {
    what: 'a password of the database that is wrong',
    env: () => at({ password: 'hunter2-hunter2' }),
    says: /^DATABASE_URL: the password is wrong/,
    serve: 'refuses',
  },
  {
    what: 'half a password read as the host',
    env: () => ({ DATABASE_URL: 'postgres://auth:pa@ss#w/ord@127.0.0.1:5432/postgres' }),
    says: /^DATABASE_URL: .*must be percent-encoded/,
    serve: 'refuses',
  },
  {
    what: 'a host of the database that is not found',
    env: () => at({ hostname: 'ss-w.invalid' }),
    says: /^DATABASE_URL: its host cannot be (found|looked up)/,
    serve: 'refuses',
  },
  {
    what: 'a database where nothing listens, named by its other variable',
    env: () => ({ DATABASE_URL: '', GOTRUE_DB_DATABASE_URL: `postgres://a:b@127.0.0.1:${ports.closed}/c` }),
    says: /^GOTRUE_DB_DATABASE_URL: nothing listens there/,
    serve: 'refuses',
  },
  {
    what: 'a database that does not exist',
    env: () => at({ pathname: '/nothing_there' }),
    says: /^DATABASE_URL: there is no database of that name/,
    serve: 'refuses',
  },
  {
    what: 'TLS that the database does not speak',
    env: () => at({ search: '?sslmode=require' }),
    says: /^DATABASE_URL: it speaks no TLS/,
    serve: 'refuses',
  },
  {
    what: 'more connections than the database has',
    env: () => ({ GOTRUE_DB_MAX_POOL_SIZE: '5000' }),
    says: /^GOTRUE_DB_MAX_POOL_SIZE is 5000, but the database has \d+ connections/,
    serve: 'warns',
  },
  {
    what: 'tables that the role may not write',
    env: () => ({}),
    sql: 'alter table auth.users owner to postgres; grant select on auth.users to supabase_auth_admin',
    says: /^DATABASE_URL: the role supabase_auth_admin cannot use auth\.users, and requests fail; as a superuser run: alter table auth\.users owner to supabase_auth_admin;$/,
    serve: 'warns',
  },
  {
    what: 'a sequence that the role may not use',
    env: () => ({}),
    sql: 'revoke all on sequence auth.refresh_tokens_id_seq from supabase_auth_admin',
    says: /^DATABASE_URL: the role supabase_auth_admin may not use auth\.refresh_tokens_id_seq; as a superuser run: grant usage, select on all sequences in schema auth/,
    serve: 'warns',
  },
  {
    what: 'rows that row-level security hides from the role',
    env: () => ({}),
    sql: 'alter table auth.users owner to postgres; grant all on auth.users to supabase_auth_admin; alter table auth.users enable row level security',
    says: /^DATABASE_URL: the role supabase_auth_admin cannot use auth\.users, and requests fail; as a superuser run: alter table auth\.users owner to supabase_auth_admin;$/,
    serve: 'warns',
  },
  {
    what: 'a schema that the role may not use',
    env: () => ({}),
    sql: 'alter schema postern owner to postgres; revoke all on schema postern from supabase_auth_admin',
    says: /^DATABASE_URL: the role supabase_auth_admin may not use schema postern; as a superuser run: grant usage, create on schema postern/,
    serve: 'refuses',
  },
]

testBroken(good, broken)
