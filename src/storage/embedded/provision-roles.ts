// The roles and the schema that an application's database has, as the platform this is compatible with sets them up.
import type { Db } from '../db.ts'

const roles = {
  supabase_auth_admin: 'login noinherit createrole',
  anon: 'nologin noinherit',
  authenticated: 'nologin noinherit',
  service_role: 'nologin noinherit bypassrls',
}

/**
 * Creates what is missing in the database that `admin`, a superuser, is connected to; may be repeated.
 * @param password of supabase_auth_admin, without quotes or backslashes
 */
export async function provisionRoles(admin: Db, password: string): Promise<void> {
  const create = Object.entries(roles).map(
    ([name, attributes]) =>
      `if not exists (select from pg_roles where rolname = '${name}') then create role ${name} ${attributes}; end if;`,
  )
  await admin.script(`
    begin;
    select pg_advisory_xact_lock(hashtext('postern roles'));
    do $roles$ begin
      ${create.join('\n      ')}
      alter role supabase_auth_admin password '${password}';
      create schema if not exists auth authorization supabase_auth_admin;
      grant usage on schema auth to anon, authenticated, service_role;
      execute format('grant create on database %I to supabase_auth_admin', current_database());
      execute format('alter role supabase_auth_admin in database %I set search_path = %L', current_database(), 'auth');
    end $roles$;
    commit;`)
}
