-- Schema auth, brought to the recorded form from nothing or from any older version; every step can be repeated.
-- Runs in one transaction with an empty search_path. Tables and columns first, then constraints and indexes by name.

create schema if not exists auth;

-- Types
do $$
declare wanted record; label text;
begin
  for wanted in select * from (values
    ('aal_level', array['aal1', 'aal2', 'aal3']),
    ('code_challenge_method', array['s256', 'plain']),
    ('factor_status', array['unverified', 'verified']),
    ('factor_type', array['totp', 'webauthn', 'phone']),
    ('oauth_authorization_status', array['pending', 'approved', 'denied', 'expired']),
    ('oauth_client_type', array['public', 'confidential']),
    ('oauth_registration_type', array['dynamic', 'manual']),
    ('oauth_response_type', array['code']),
    ('one_time_token_type', array['confirmation_token', 'reauthentication_token', 'recovery_token', 'email_change_token_new', 'email_change_token_current', 'phone_change_token'])
  ) as types(name, labels) loop
    if to_regtype('auth.' || wanted.name) is null then
      execute format('create type auth.%I as enum (%s)', wanted.name,
        (select string_agg(quote_literal(l), ', ' order by n) from unnest(wanted.labels) with ordinality as u(l, n)));
    else
      foreach label in array wanted.labels loop
        if not exists (select from pg_catalog.pg_enum where enumtypid = to_regtype('auth.' || wanted.name) and enumlabel = label) then
          execute format('alter type auth.%I add value %L', wanted.name, label);
        end if;
      end loop;
    end if;
  end loop;
end $$;

-- What older versions named otherwise
do $$
declare has record;
begin
  select
    exists (select from pg_catalog.pg_attribute where attrelid = to_regclass('auth.users') and attname = 'confirmed_at' and attgenerated = '' and not attisdropped) as plain_confirmed_at,
    exists (select from pg_catalog.pg_attribute where attrelid = to_regclass('auth.users') and attname = 'email_confirmed_at' and not attisdropped) as email_confirmed_at,
    exists (select from pg_catalog.pg_attribute where attrelid = to_regclass('auth.users') and attname = 'email_change_token' and not attisdropped) as email_change_token,
    exists (select from pg_catalog.pg_attribute where attrelid = to_regclass('auth.users') and attname = 'email_change_token_new' and not attisdropped) as email_change_token_new,
    exists (select from pg_catalog.pg_attribute where attrelid = to_regclass('auth.identities') and attname = 'provider_id' and not attisdropped) as provider_id
  into has;
  if has.plain_confirmed_at and not has.email_confirmed_at then
    alter table auth.users rename column confirmed_at to email_confirmed_at;
  end if;
  if has.email_change_token and not has.email_change_token_new then
    alter table auth.users rename column email_change_token to email_change_token_new;
  end if;
  if to_regclass('auth.identities') is not null and not has.provider_id then
    alter table auth.identities drop constraint if exists identities_pkey;
    alter table auth.identities rename column id to provider_id;
  end if;
end $$;
drop table if exists auth.sso_sessions;

-- Tables
create table if not exists auth.instances (
  id uuid not null,
  created_at timestamp with time zone,
  raw_base_config text,
  updated_at timestamp with time zone,
  uuid uuid
);
create table if not exists auth.schema_migrations (
  version character varying(14) not null
);
create table if not exists auth.audit_log_entries (
  id uuid not null,
  created_at timestamp with time zone,
  instance_id uuid,
  ip_address character varying(64) default ''::character varying not null,
  payload json
);
create table if not exists auth.users (
  id uuid not null,
  aud character varying(255),
  banned_until timestamp with time zone,
  confirmation_sent_at timestamp with time zone,
  confirmation_token character varying(255),
  created_at timestamp with time zone,
  deleted_at timestamp with time zone,
  email character varying(255),
  email_change character varying(255),
  email_change_confirm_status smallint default 0,
  email_change_sent_at timestamp with time zone,
  email_change_token_current character varying(255) default ''::character varying,
  email_change_token_new character varying(255),
  email_confirmed_at timestamp with time zone,
  encrypted_password character varying(255),
  instance_id uuid,
  invited_at timestamp with time zone,
  is_anonymous boolean default false not null,
  is_sso_user boolean default false not null,
  is_super_admin boolean,
  last_sign_in_at timestamp with time zone,
  phone text default NULL::character varying,
  phone_change text default ''::character varying,
  phone_change_sent_at timestamp with time zone,
  phone_change_token character varying(255) default ''::character varying,
  phone_confirmed_at timestamp with time zone,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  reauthentication_sent_at timestamp with time zone,
  reauthentication_token character varying(255) default ''::character varying,
  recovery_sent_at timestamp with time zone,
  recovery_token character varying(255),
  role character varying(255),
  updated_at timestamp with time zone,
  confirmed_at timestamp with time zone generated always as (LEAST(email_confirmed_at, phone_confirmed_at)) stored
);
create table if not exists auth.sso_providers (
  id uuid not null,
  created_at timestamp with time zone,
  disabled boolean,
  resource_id text,
  updated_at timestamp with time zone
);
create table if not exists auth.oauth_clients (
  id uuid not null,
  client_name text,
  client_secret_hash text,
  client_type auth.oauth_client_type default 'confidential'::auth.oauth_client_type not null,
  client_uri text,
  created_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  grant_types text not null,
  logo_uri text,
  redirect_uris text not null,
  registration_type auth.oauth_registration_type not null,
  token_endpoint_auth_method text not null,
  updated_at timestamp with time zone default now() not null
);
create table if not exists auth.sessions (
  id uuid not null,
  aal auth.aal_level,
  created_at timestamp with time zone,
  factor_id uuid,
  ip inet,
  not_after timestamp with time zone,
  oauth_client_id uuid,
  refresh_token_counter bigint,
  refresh_token_hmac_key text,
  refreshed_at timestamp without time zone,
  scopes text,
  tag text,
  updated_at timestamp with time zone,
  user_agent text,
  user_id uuid not null
);
create table if not exists auth.identities (
  id uuid default gen_random_uuid() not null,
  created_at timestamp with time zone,
  identity_data jsonb not null,
  last_sign_in_at timestamp with time zone,
  provider text not null,
  provider_id text not null,
  updated_at timestamp with time zone,
  user_id uuid not null,
  email text generated always as (lower((identity_data ->> 'email'::text))) stored
);
create table if not exists auth.refresh_tokens (
  id bigint not null,
  created_at timestamp with time zone,
  instance_id uuid,
  parent character varying(255),
  revoked boolean,
  session_id uuid,
  token character varying(255),
  updated_at timestamp with time zone,
  user_id character varying(255)
);
create table if not exists auth.mfa_factors (
  id uuid not null,
  created_at timestamp with time zone not null,
  factor_type auth.factor_type not null,
  friendly_name text,
  last_challenged_at timestamp with time zone,
  last_webauthn_challenge_data jsonb,
  phone text,
  secret text,
  status auth.factor_status not null,
  updated_at timestamp with time zone not null,
  user_id uuid not null,
  web_authn_aaguid uuid,
  web_authn_credential jsonb
);
create table if not exists auth.mfa_challenges (
  id uuid not null,
  created_at timestamp with time zone not null,
  factor_id uuid not null,
  ip_address inet not null,
  otp_code text,
  verified_at timestamp with time zone,
  web_authn_session_data jsonb
);
create table if not exists auth.mfa_amr_claims (
  id uuid not null,
  authentication_method text not null,
  created_at timestamp with time zone not null,
  session_id uuid not null,
  updated_at timestamp with time zone not null
);
create table if not exists auth.sso_domains (
  id uuid not null,
  created_at timestamp with time zone,
  domain text not null,
  sso_provider_id uuid not null,
  updated_at timestamp with time zone
);
create table if not exists auth.saml_providers (
  id uuid not null,
  attribute_mapping jsonb,
  created_at timestamp with time zone,
  entity_id text not null,
  metadata_url text,
  metadata_xml text not null,
  name_id_format text,
  sso_provider_id uuid not null,
  updated_at timestamp with time zone
);
create table if not exists auth.flow_state (
  id uuid not null,
  auth_code text,
  auth_code_issued_at timestamp with time zone,
  authentication_method text not null,
  code_challenge text,
  code_challenge_method auth.code_challenge_method,
  created_at timestamp with time zone,
  email_optional boolean default false not null,
  invite_token text,
  linking_target_id uuid,
  oauth_client_state_id uuid,
  provider_access_token text,
  provider_refresh_token text,
  provider_type text not null,
  referrer text,
  updated_at timestamp with time zone,
  user_id uuid
);
create table if not exists auth.saml_relay_states (
  id uuid not null,
  created_at timestamp with time zone,
  flow_state_id uuid,
  for_email text,
  redirect_to text,
  request_id text not null,
  sso_provider_id uuid not null,
  updated_at timestamp with time zone
);
create table if not exists auth.one_time_tokens (
  id uuid not null,
  created_at timestamp without time zone default now() not null,
  relates_to text not null,
  token_hash text not null,
  token_type auth.one_time_token_type not null,
  updated_at timestamp without time zone default now() not null,
  user_id uuid not null
);
create table if not exists auth.oauth_authorizations (
  id uuid not null,
  approved_at timestamp with time zone,
  authorization_code text,
  authorization_id text not null,
  client_id uuid not null,
  code_challenge text,
  code_challenge_method auth.code_challenge_method,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone default (now() + '00:03:00'::interval) not null,
  nonce text,
  redirect_uri text not null,
  resource text,
  response_type auth.oauth_response_type default 'code'::auth.oauth_response_type not null,
  scope text not null,
  state text,
  status auth.oauth_authorization_status default 'pending'::auth.oauth_authorization_status not null,
  user_id uuid
);
create table if not exists auth.oauth_consents (
  id uuid not null,
  client_id uuid not null,
  granted_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  scopes text not null,
  user_id uuid not null
);
create table if not exists auth.oauth_client_states (
  id uuid not null,
  code_verifier text,
  created_at timestamp with time zone not null,
  provider_type text not null
);
create table if not exists auth.custom_oauth_providers (
  id uuid default gen_random_uuid() not null,
  acceptable_client_ids text[] default '{}'::text[] not null,
  attribute_mapping jsonb default '{}'::jsonb not null,
  authorization_params jsonb default '{}'::jsonb not null,
  authorization_url text,
  cached_discovery jsonb,
  client_id text not null,
  client_secret text not null,
  created_at timestamp with time zone default now() not null,
  custom_claims_allowlist text[] default '{}'::text[] not null,
  discovery_cached_at timestamp with time zone,
  discovery_url text,
  email_optional boolean default false not null,
  enabled boolean default true not null,
  identifier text not null,
  issuer text,
  jwks_uri text,
  name text not null,
  pkce_enabled boolean default true not null,
  provider_type text not null,
  scopes text[] default '{}'::text[] not null,
  skip_nonce_check boolean default false not null,
  token_url text,
  updated_at timestamp with time zone default now() not null,
  userinfo_url text
);
create table if not exists auth.webauthn_challenges (
  id uuid default gen_random_uuid() not null,
  challenge_type text not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  session_data jsonb not null,
  user_id uuid
);
create table if not exists auth.webauthn_credentials (
  id uuid default gen_random_uuid() not null,
  aaguid uuid,
  attestation_type text default ''::text not null,
  backed_up boolean default false not null,
  backup_eligible boolean default false not null,
  created_at timestamp with time zone default now() not null,
  credential_id bytea not null,
  friendly_name text default ''::text not null,
  last_used_at timestamp with time zone,
  public_key bytea not null,
  sign_count bigint default 0 not null,
  transports jsonb default '[]'::jsonb not null,
  updated_at timestamp with time zone default now() not null,
  user_id uuid not null
);
create sequence if not exists auth.refresh_tokens_id_seq owned by auth.refresh_tokens.id;
alter table auth.refresh_tokens alter column id set default nextval('auth.refresh_tokens_id_seq'::regclass);

-- Columns: those that are missing come in, types, defaults and rules become the recorded ones.
-- Rows of flows that were under way and lack what they now need are given up; nobody loses an account by that.
alter table auth.saml_relay_states drop column if exists from_ip_address;
alter table auth.oauth_clients drop column if exists client_id;
create temporary table wanted_columns on commit drop as
  select * from (values
    ('audit_log_entries', 'created_at', 'timestamp with time zone', null::text, false),
    ('audit_log_entries', 'id', 'uuid', null, true),
    ('audit_log_entries', 'instance_id', 'uuid', null, false),
    ('audit_log_entries', 'ip_address', 'character varying(64)', '''''::character varying', true),
    ('audit_log_entries', 'payload', 'json', null, false),
    ('custom_oauth_providers', 'acceptable_client_ids', 'text[]', '''{}''::text[]', true),
    ('custom_oauth_providers', 'attribute_mapping', 'jsonb', '''{}''::jsonb', true),
    ('custom_oauth_providers', 'authorization_params', 'jsonb', '''{}''::jsonb', true),
    ('custom_oauth_providers', 'authorization_url', 'text', null, false),
    ('custom_oauth_providers', 'cached_discovery', 'jsonb', null, false),
    ('custom_oauth_providers', 'client_id', 'text', null, true),
    ('custom_oauth_providers', 'client_secret', 'text', null, true),
    ('custom_oauth_providers', 'created_at', 'timestamp with time zone', 'now()', true),
    ('custom_oauth_providers', 'custom_claims_allowlist', 'text[]', '''{}''::text[]', true),
    ('custom_oauth_providers', 'discovery_cached_at', 'timestamp with time zone', null, false),
    ('custom_oauth_providers', 'discovery_url', 'text', null, false),
    ('custom_oauth_providers', 'email_optional', 'boolean', 'false', true),
    ('custom_oauth_providers', 'enabled', 'boolean', 'true', true),
    ('custom_oauth_providers', 'id', 'uuid', 'gen_random_uuid()', true),
    ('custom_oauth_providers', 'identifier', 'text', null, true),
    ('custom_oauth_providers', 'issuer', 'text', null, false),
    ('custom_oauth_providers', 'jwks_uri', 'text', null, false),
    ('custom_oauth_providers', 'name', 'text', null, true),
    ('custom_oauth_providers', 'pkce_enabled', 'boolean', 'true', true),
    ('custom_oauth_providers', 'provider_type', 'text', null, true),
    ('custom_oauth_providers', 'scopes', 'text[]', '''{}''::text[]', true),
    ('custom_oauth_providers', 'skip_nonce_check', 'boolean', 'false', true),
    ('custom_oauth_providers', 'token_url', 'text', null, false),
    ('custom_oauth_providers', 'updated_at', 'timestamp with time zone', 'now()', true),
    ('custom_oauth_providers', 'userinfo_url', 'text', null, false),
    ('flow_state', 'auth_code', 'text', null, false),
    ('flow_state', 'auth_code_issued_at', 'timestamp with time zone', null, false),
    ('flow_state', 'authentication_method', 'text', null, true),
    ('flow_state', 'code_challenge', 'text', null, false),
    ('flow_state', 'code_challenge_method', 'auth.code_challenge_method', null, false),
    ('flow_state', 'created_at', 'timestamp with time zone', null, false),
    ('flow_state', 'email_optional', 'boolean', 'false', true),
    ('flow_state', 'id', 'uuid', null, true),
    ('flow_state', 'invite_token', 'text', null, false),
    ('flow_state', 'linking_target_id', 'uuid', null, false),
    ('flow_state', 'oauth_client_state_id', 'uuid', null, false),
    ('flow_state', 'provider_access_token', 'text', null, false),
    ('flow_state', 'provider_refresh_token', 'text', null, false),
    ('flow_state', 'provider_type', 'text', null, true),
    ('flow_state', 'referrer', 'text', null, false),
    ('flow_state', 'updated_at', 'timestamp with time zone', null, false),
    ('flow_state', 'user_id', 'uuid', null, false),
    ('identities', 'created_at', 'timestamp with time zone', null, false),
    ('identities', 'id', 'uuid', 'gen_random_uuid()', true),
    ('identities', 'identity_data', 'jsonb', null, true),
    ('identities', 'last_sign_in_at', 'timestamp with time zone', null, false),
    ('identities', 'provider', 'text', null, true),
    ('identities', 'provider_id', 'text', null, true),
    ('identities', 'updated_at', 'timestamp with time zone', null, false),
    ('identities', 'user_id', 'uuid', null, true),
    ('instances', 'created_at', 'timestamp with time zone', null, false),
    ('instances', 'id', 'uuid', null, true),
    ('instances', 'raw_base_config', 'text', null, false),
    ('instances', 'updated_at', 'timestamp with time zone', null, false),
    ('instances', 'uuid', 'uuid', null, false),
    ('mfa_amr_claims', 'authentication_method', 'text', null, true),
    ('mfa_amr_claims', 'created_at', 'timestamp with time zone', null, true),
    ('mfa_amr_claims', 'id', 'uuid', null, true),
    ('mfa_amr_claims', 'session_id', 'uuid', null, true),
    ('mfa_amr_claims', 'updated_at', 'timestamp with time zone', null, true),
    ('mfa_challenges', 'created_at', 'timestamp with time zone', null, true),
    ('mfa_challenges', 'factor_id', 'uuid', null, true),
    ('mfa_challenges', 'id', 'uuid', null, true),
    ('mfa_challenges', 'ip_address', 'inet', null, true),
    ('mfa_challenges', 'otp_code', 'text', null, false),
    ('mfa_challenges', 'verified_at', 'timestamp with time zone', null, false),
    ('mfa_challenges', 'web_authn_session_data', 'jsonb', null, false),
    ('mfa_factors', 'created_at', 'timestamp with time zone', null, true),
    ('mfa_factors', 'factor_type', 'auth.factor_type', null, true),
    ('mfa_factors', 'friendly_name', 'text', null, false),
    ('mfa_factors', 'id', 'uuid', null, true),
    ('mfa_factors', 'last_challenged_at', 'timestamp with time zone', null, false),
    ('mfa_factors', 'last_webauthn_challenge_data', 'jsonb', null, false),
    ('mfa_factors', 'phone', 'text', null, false),
    ('mfa_factors', 'secret', 'text', null, false),
    ('mfa_factors', 'status', 'auth.factor_status', null, true),
    ('mfa_factors', 'updated_at', 'timestamp with time zone', null, true),
    ('mfa_factors', 'user_id', 'uuid', null, true),
    ('mfa_factors', 'web_authn_aaguid', 'uuid', null, false),
    ('mfa_factors', 'web_authn_credential', 'jsonb', null, false),
    ('oauth_authorizations', 'approved_at', 'timestamp with time zone', null, false),
    ('oauth_authorizations', 'authorization_code', 'text', null, false),
    ('oauth_authorizations', 'authorization_id', 'text', null, true),
    ('oauth_authorizations', 'client_id', 'uuid', null, true),
    ('oauth_authorizations', 'code_challenge', 'text', null, false),
    ('oauth_authorizations', 'code_challenge_method', 'auth.code_challenge_method', null, false),
    ('oauth_authorizations', 'created_at', 'timestamp with time zone', 'now()', true),
    ('oauth_authorizations', 'expires_at', 'timestamp with time zone', '(now() + ''00:03:00''::interval)', true),
    ('oauth_authorizations', 'id', 'uuid', null, true),
    ('oauth_authorizations', 'nonce', 'text', null, false),
    ('oauth_authorizations', 'redirect_uri', 'text', null, true),
    ('oauth_authorizations', 'resource', 'text', null, false),
    ('oauth_authorizations', 'response_type', 'auth.oauth_response_type', '''code''::auth.oauth_response_type', true),
    ('oauth_authorizations', 'scope', 'text', null, true),
    ('oauth_authorizations', 'state', 'text', null, false),
    ('oauth_authorizations', 'status', 'auth.oauth_authorization_status', '''pending''::auth.oauth_authorization_status', true),
    ('oauth_authorizations', 'user_id', 'uuid', null, false),
    ('oauth_client_states', 'code_verifier', 'text', null, false),
    ('oauth_client_states', 'created_at', 'timestamp with time zone', null, true),
    ('oauth_client_states', 'id', 'uuid', null, true),
    ('oauth_client_states', 'provider_type', 'text', null, true),
    ('oauth_clients', 'client_name', 'text', null, false),
    ('oauth_clients', 'client_secret_hash', 'text', null, false),
    ('oauth_clients', 'client_type', 'auth.oauth_client_type', '''confidential''::auth.oauth_client_type', true),
    ('oauth_clients', 'client_uri', 'text', null, false),
    ('oauth_clients', 'created_at', 'timestamp with time zone', 'now()', true),
    ('oauth_clients', 'deleted_at', 'timestamp with time zone', null, false),
    ('oauth_clients', 'grant_types', 'text', null, true),
    ('oauth_clients', 'id', 'uuid', null, true),
    ('oauth_clients', 'logo_uri', 'text', null, false),
    ('oauth_clients', 'redirect_uris', 'text', null, true),
    ('oauth_clients', 'registration_type', 'auth.oauth_registration_type', null, true),
    ('oauth_clients', 'token_endpoint_auth_method', 'text', null, true),
    ('oauth_clients', 'updated_at', 'timestamp with time zone', 'now()', true),
    ('oauth_consents', 'client_id', 'uuid', null, true),
    ('oauth_consents', 'granted_at', 'timestamp with time zone', 'now()', true),
    ('oauth_consents', 'id', 'uuid', null, true),
    ('oauth_consents', 'revoked_at', 'timestamp with time zone', null, false),
    ('oauth_consents', 'scopes', 'text', null, true),
    ('oauth_consents', 'user_id', 'uuid', null, true),
    ('one_time_tokens', 'created_at', 'timestamp without time zone', 'now()', true),
    ('one_time_tokens', 'id', 'uuid', null, true),
    ('one_time_tokens', 'relates_to', 'text', null, true),
    ('one_time_tokens', 'token_hash', 'text', null, true),
    ('one_time_tokens', 'token_type', 'auth.one_time_token_type', null, true),
    ('one_time_tokens', 'updated_at', 'timestamp without time zone', 'now()', true),
    ('one_time_tokens', 'user_id', 'uuid', null, true),
    ('refresh_tokens', 'created_at', 'timestamp with time zone', null, false),
    ('refresh_tokens', 'id', 'bigint', 'nextval(''auth.refresh_tokens_id_seq''::regclass)', true),
    ('refresh_tokens', 'instance_id', 'uuid', null, false),
    ('refresh_tokens', 'parent', 'character varying(255)', null, false),
    ('refresh_tokens', 'revoked', 'boolean', null, false),
    ('refresh_tokens', 'session_id', 'uuid', null, false),
    ('refresh_tokens', 'token', 'character varying(255)', null, false),
    ('refresh_tokens', 'updated_at', 'timestamp with time zone', null, false),
    ('refresh_tokens', 'user_id', 'character varying(255)', null, false),
    ('saml_providers', 'attribute_mapping', 'jsonb', null, false),
    ('saml_providers', 'created_at', 'timestamp with time zone', null, false),
    ('saml_providers', 'entity_id', 'text', null, true),
    ('saml_providers', 'id', 'uuid', null, true),
    ('saml_providers', 'metadata_url', 'text', null, false),
    ('saml_providers', 'metadata_xml', 'text', null, true),
    ('saml_providers', 'name_id_format', 'text', null, false),
    ('saml_providers', 'sso_provider_id', 'uuid', null, true),
    ('saml_providers', 'updated_at', 'timestamp with time zone', null, false),
    ('saml_relay_states', 'created_at', 'timestamp with time zone', null, false),
    ('saml_relay_states', 'flow_state_id', 'uuid', null, false),
    ('saml_relay_states', 'for_email', 'text', null, false),
    ('saml_relay_states', 'id', 'uuid', null, true),
    ('saml_relay_states', 'redirect_to', 'text', null, false),
    ('saml_relay_states', 'request_id', 'text', null, true),
    ('saml_relay_states', 'sso_provider_id', 'uuid', null, true),
    ('saml_relay_states', 'updated_at', 'timestamp with time zone', null, false),
    ('schema_migrations', 'version', 'character varying(14)', null, true),
    ('sessions', 'aal', 'auth.aal_level', null, false),
    ('sessions', 'created_at', 'timestamp with time zone', null, false),
    ('sessions', 'factor_id', 'uuid', null, false),
    ('sessions', 'id', 'uuid', null, true),
    ('sessions', 'ip', 'inet', null, false),
    ('sessions', 'not_after', 'timestamp with time zone', null, false),
    ('sessions', 'oauth_client_id', 'uuid', null, false),
    ('sessions', 'refresh_token_counter', 'bigint', null, false),
    ('sessions', 'refresh_token_hmac_key', 'text', null, false),
    ('sessions', 'refreshed_at', 'timestamp without time zone', null, false),
    ('sessions', 'scopes', 'text', null, false),
    ('sessions', 'tag', 'text', null, false),
    ('sessions', 'updated_at', 'timestamp with time zone', null, false),
    ('sessions', 'user_agent', 'text', null, false),
    ('sessions', 'user_id', 'uuid', null, true),
    ('sso_domains', 'created_at', 'timestamp with time zone', null, false),
    ('sso_domains', 'domain', 'text', null, true),
    ('sso_domains', 'id', 'uuid', null, true),
    ('sso_domains', 'sso_provider_id', 'uuid', null, true),
    ('sso_domains', 'updated_at', 'timestamp with time zone', null, false),
    ('sso_providers', 'created_at', 'timestamp with time zone', null, false),
    ('sso_providers', 'disabled', 'boolean', null, false),
    ('sso_providers', 'id', 'uuid', null, true),
    ('sso_providers', 'resource_id', 'text', null, false),
    ('sso_providers', 'updated_at', 'timestamp with time zone', null, false),
    ('users', 'aud', 'character varying(255)', null, false),
    ('users', 'banned_until', 'timestamp with time zone', null, false),
    ('users', 'confirmation_sent_at', 'timestamp with time zone', null, false),
    ('users', 'confirmation_token', 'character varying(255)', null, false),
    ('users', 'created_at', 'timestamp with time zone', null, false),
    ('users', 'deleted_at', 'timestamp with time zone', null, false),
    ('users', 'email', 'character varying(255)', null, false),
    ('users', 'email_change', 'character varying(255)', null, false),
    ('users', 'email_change_confirm_status', 'smallint', '0', false),
    ('users', 'email_change_sent_at', 'timestamp with time zone', null, false),
    ('users', 'email_change_token_current', 'character varying(255)', '''''::character varying', false),
    ('users', 'email_change_token_new', 'character varying(255)', null, false),
    ('users', 'email_confirmed_at', 'timestamp with time zone', null, false),
    ('users', 'encrypted_password', 'character varying(255)', null, false),
    ('users', 'id', 'uuid', null, true),
    ('users', 'instance_id', 'uuid', null, false),
    ('users', 'invited_at', 'timestamp with time zone', null, false),
    ('users', 'is_anonymous', 'boolean', 'false', true),
    ('users', 'is_sso_user', 'boolean', 'false', true),
    ('users', 'is_super_admin', 'boolean', null, false),
    ('users', 'last_sign_in_at', 'timestamp with time zone', null, false),
    ('users', 'phone', 'text', 'NULL::character varying', false),
    ('users', 'phone_change', 'text', '''''::character varying', false),
    ('users', 'phone_change_sent_at', 'timestamp with time zone', null, false),
    ('users', 'phone_change_token', 'character varying(255)', '''''::character varying', false),
    ('users', 'phone_confirmed_at', 'timestamp with time zone', null, false),
    ('users', 'raw_app_meta_data', 'jsonb', null, false),
    ('users', 'raw_user_meta_data', 'jsonb', null, false),
    ('users', 'reauthentication_sent_at', 'timestamp with time zone', null, false),
    ('users', 'reauthentication_token', 'character varying(255)', '''''::character varying', false),
    ('users', 'recovery_sent_at', 'timestamp with time zone', null, false),
    ('users', 'recovery_token', 'character varying(255)', null, false),
    ('users', 'role', 'character varying(255)', null, false),
    ('users', 'updated_at', 'timestamp with time zone', null, false),
    ('webauthn_challenges', 'challenge_type', 'text', null, true),
    ('webauthn_challenges', 'created_at', 'timestamp with time zone', 'now()', true),
    ('webauthn_challenges', 'expires_at', 'timestamp with time zone', null, true),
    ('webauthn_challenges', 'id', 'uuid', 'gen_random_uuid()', true),
    ('webauthn_challenges', 'session_data', 'jsonb', null, true),
    ('webauthn_challenges', 'user_id', 'uuid', null, false),
    ('webauthn_credentials', 'aaguid', 'uuid', null, false),
    ('webauthn_credentials', 'attestation_type', 'text', '''''::text', true),
    ('webauthn_credentials', 'backed_up', 'boolean', 'false', true),
    ('webauthn_credentials', 'backup_eligible', 'boolean', 'false', true),
    ('webauthn_credentials', 'created_at', 'timestamp with time zone', 'now()', true),
    ('webauthn_credentials', 'credential_id', 'bytea', null, true),
    ('webauthn_credentials', 'friendly_name', 'text', '''''::text', true),
    ('webauthn_credentials', 'id', 'uuid', 'gen_random_uuid()', true),
    ('webauthn_credentials', 'last_used_at', 'timestamp with time zone', null, false),
    ('webauthn_credentials', 'public_key', 'bytea', null, true),
    ('webauthn_credentials', 'sign_count', 'bigint', '0', true),
    ('webauthn_credentials', 'transports', 'jsonb', '''[]''::jsonb', true),
    ('webauthn_credentials', 'updated_at', 'timestamp with time zone', 'now()', true),
    ('webauthn_credentials', 'user_id', 'uuid', null, true)
  ) as columns(table_name, name, type, fallback, required);
do $$
declare wanted record; present record;
begin
  for wanted in select * from pg_temp.wanted_columns loop
    select pg_catalog.format_type(a.atttypid, a.atttypmod) as type, pg_catalog.pg_get_expr(d.adbin, d.adrelid) as fallback
      into present from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = ('auth.' || wanted.table_name)::regclass and a.attname = wanted.name and not a.attisdropped;
    if not found then
      execute format('alter table auth.%I add column %I %s %s', wanted.table_name, wanted.name, wanted.type, 'default ' || wanted.fallback);
      continue;
    end if;
    if present.type <> wanted.type then
      execute format('alter table auth.%I alter column %I type %s', wanted.table_name, wanted.name, wanted.type);
    end if;
    if present.fallback is distinct from wanted.fallback then
      if wanted.fallback is null then
        execute format('alter table auth.%I alter column %I drop default', wanted.table_name, wanted.name);
      else
        execute format('alter table auth.%I alter column %I set default %s', wanted.table_name, wanted.name, wanted.fallback);
      end if;
    end if;
  end loop;
end $$;
alter table auth.users add column if not exists confirmed_at timestamp with time zone generated always as (least(email_confirmed_at, phone_confirmed_at)) stored;
alter table auth.identities add column if not exists email text generated always as (lower(identity_data ->> 'email')) stored;
update auth.oauth_clients set token_endpoint_auth_method = case client_type when 'public' then 'none' else 'client_secret_basic' end
  where token_endpoint_auth_method is null;
update auth.sessions set aal = 'aal1' where aal is null;
do $$
declare wanted record; present boolean;
begin
  for wanted in select * from pg_temp.wanted_columns loop
    select attnotnull into present from pg_catalog.pg_attribute
      where attrelid = ('auth.' || wanted.table_name)::regclass and attname = wanted.name and not attisdropped;
    continue when present = wanted.required;
    if not wanted.required then
      if not exists (select from pg_catalog.pg_constraint where conrelid = ('auth.' || wanted.table_name)::regclass and contype = 'p' and conkey @> array[
          (select attnum from pg_catalog.pg_attribute where attrelid = ('auth.' || wanted.table_name)::regclass and attname = wanted.name)]) then
        execute format('alter table auth.%I alter column %I drop not null', wanted.table_name, wanted.name);
      end if;
    else
      if wanted.table_name in ('flow_state', 'saml_relay_states', 'mfa_challenges', 'one_time_tokens', 'oauth_authorizations') then
        execute format('delete from auth.%I where %I is null', wanted.table_name, wanted.name);
      elsif wanted.fallback is not null then
        execute format('update auth.%I set %I = default where %I is null', wanted.table_name, wanted.name, wanted.name);
      end if;
      execute format('alter table auth.%I alter column %I set not null', wanted.table_name, wanted.name);
    end if;
  end loop;
end $$;

-- Accounts of versions without identities get those of their addresses
insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
  select u.id::text, u.id, pg_catalog.jsonb_build_object('sub', u.id, 'email', u.email), 'email', u.last_sign_in_at, u.created_at, u.updated_at
    from auth.users u
    where coalesce(u.email, '') <> '' and not u.is_sso_user and not exists (select from auth.identities i where i.user_id = u.id);
insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
  select u.id::text, u.id, pg_catalog.jsonb_build_object('sub', u.id, 'phone', u.phone), 'phone', u.last_sign_in_at, u.created_at, u.updated_at
    from auth.users u
    where coalesce(u.phone, '') <> '' and not u.is_sso_user and not exists (select from auth.identities i where i.user_id = u.id);

-- Constraints and indexes of older versions that stand in the way of today's
alter table auth.users drop constraint if exists users_email_key;
alter table auth.refresh_tokens drop constraint if exists refresh_tokens_parent_fkey;
drop index if exists auth.refresh_tokens_token_idx;

-- Constraints: keys, then references, then checks; one that is defined otherwise is made anew
do $$
declare wanted record; present text;
begin
  for wanted in select * from (values
    ('auth.audit_log_entries', 'audit_log_entries_pkey', 'PRIMARY KEY (id)'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_pkey', 'PRIMARY KEY (id)'),
    ('auth.flow_state', 'flow_state_pkey', 'PRIMARY KEY (id)'),
    ('auth.identities', 'identities_pkey', 'PRIMARY KEY (id)'),
    ('auth.instances', 'instances_pkey', 'PRIMARY KEY (id)'),
    ('auth.mfa_amr_claims', 'amr_id_pk', 'PRIMARY KEY (id)'),
    ('auth.mfa_challenges', 'mfa_challenges_pkey', 'PRIMARY KEY (id)'),
    ('auth.mfa_factors', 'mfa_factors_pkey', 'PRIMARY KEY (id)'),
    ('auth.oauth_authorizations', 'oauth_authorizations_pkey', 'PRIMARY KEY (id)'),
    ('auth.oauth_client_states', 'oauth_client_states_pkey', 'PRIMARY KEY (id)'),
    ('auth.oauth_clients', 'oauth_clients_pkey', 'PRIMARY KEY (id)'),
    ('auth.oauth_consents', 'oauth_consents_pkey', 'PRIMARY KEY (id)'),
    ('auth.one_time_tokens', 'one_time_tokens_pkey', 'PRIMARY KEY (id)'),
    ('auth.refresh_tokens', 'refresh_tokens_pkey', 'PRIMARY KEY (id)'),
    ('auth.saml_providers', 'saml_providers_pkey', 'PRIMARY KEY (id)'),
    ('auth.saml_relay_states', 'saml_relay_states_pkey', 'PRIMARY KEY (id)'),
    ('auth.schema_migrations', 'schema_migrations_pkey', 'PRIMARY KEY (version)'),
    ('auth.sessions', 'sessions_pkey', 'PRIMARY KEY (id)'),
    ('auth.sso_domains', 'sso_domains_pkey', 'PRIMARY KEY (id)'),
    ('auth.sso_providers', 'sso_providers_pkey', 'PRIMARY KEY (id)'),
    ('auth.users', 'users_pkey', 'PRIMARY KEY (id)'),
    ('auth.webauthn_challenges', 'webauthn_challenges_pkey', 'PRIMARY KEY (id)'),
    ('auth.webauthn_credentials', 'webauthn_credentials_pkey', 'PRIMARY KEY (id)'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_identifier_key', 'UNIQUE (identifier)'),
    ('auth.identities', 'identities_provider_id_provider_unique', 'UNIQUE (provider_id, provider)'),
    ('auth.mfa_amr_claims', 'mfa_amr_claims_session_id_authentication_method_pkey', 'UNIQUE (session_id, authentication_method)'),
    ('auth.mfa_factors', 'mfa_factors_last_challenged_at_key', 'UNIQUE (last_challenged_at)'),
    ('auth.oauth_authorizations', 'oauth_authorizations_authorization_code_key', 'UNIQUE (authorization_code)'),
    ('auth.oauth_authorizations', 'oauth_authorizations_authorization_id_key', 'UNIQUE (authorization_id)'),
    ('auth.oauth_consents', 'oauth_consents_user_client_unique', 'UNIQUE (user_id, client_id)'),
    ('auth.refresh_tokens', 'refresh_tokens_token_unique', 'UNIQUE (token)'),
    ('auth.saml_providers', 'saml_providers_entity_id_key', 'UNIQUE (entity_id)'),
    ('auth.users', 'users_phone_key', 'UNIQUE (phone)'),
    ('auth.identities', 'identities_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.mfa_amr_claims', 'mfa_amr_claims_session_id_fkey', 'FOREIGN KEY (session_id) REFERENCES auth.sessions(id) ON DELETE CASCADE'),
    ('auth.mfa_challenges', 'mfa_challenges_auth_factor_id_fkey', 'FOREIGN KEY (factor_id) REFERENCES auth.mfa_factors(id) ON DELETE CASCADE'),
    ('auth.mfa_factors', 'mfa_factors_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.oauth_authorizations', 'oauth_authorizations_client_id_fkey', 'FOREIGN KEY (client_id) REFERENCES auth.oauth_clients(id) ON DELETE CASCADE'),
    ('auth.oauth_authorizations', 'oauth_authorizations_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.oauth_consents', 'oauth_consents_client_id_fkey', 'FOREIGN KEY (client_id) REFERENCES auth.oauth_clients(id) ON DELETE CASCADE'),
    ('auth.oauth_consents', 'oauth_consents_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.one_time_tokens', 'one_time_tokens_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.refresh_tokens', 'refresh_tokens_session_id_fkey', 'FOREIGN KEY (session_id) REFERENCES auth.sessions(id) ON DELETE CASCADE'),
    ('auth.saml_providers', 'saml_providers_sso_provider_id_fkey', 'FOREIGN KEY (sso_provider_id) REFERENCES auth.sso_providers(id) ON DELETE CASCADE'),
    ('auth.saml_relay_states', 'saml_relay_states_flow_state_id_fkey', 'FOREIGN KEY (flow_state_id) REFERENCES auth.flow_state(id) ON DELETE CASCADE'),
    ('auth.saml_relay_states', 'saml_relay_states_sso_provider_id_fkey', 'FOREIGN KEY (sso_provider_id) REFERENCES auth.sso_providers(id) ON DELETE CASCADE'),
    ('auth.sessions', 'sessions_oauth_client_id_fkey', 'FOREIGN KEY (oauth_client_id) REFERENCES auth.oauth_clients(id) ON DELETE CASCADE'),
    ('auth.sessions', 'sessions_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.sso_domains', 'sso_domains_sso_provider_id_fkey', 'FOREIGN KEY (sso_provider_id) REFERENCES auth.sso_providers(id) ON DELETE CASCADE'),
    ('auth.webauthn_challenges', 'webauthn_challenges_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.webauthn_credentials', 'webauthn_credentials_user_id_fkey', 'FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_authorization_url_https', 'CHECK (((authorization_url IS NULL) OR (authorization_url ~~ ''https://%''::text)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_authorization_url_length', 'CHECK (((authorization_url IS NULL) OR (char_length(authorization_url) <= 2048)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_client_id_length', 'CHECK (((char_length(client_id) >= 1) AND (char_length(client_id) <= 512)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_discovery_url_length', 'CHECK (((discovery_url IS NULL) OR (char_length(discovery_url) <= 2048)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_identifier_format', 'CHECK ((identifier ~ ''^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$''::text))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_issuer_length', 'CHECK (((issuer IS NULL) OR ((char_length(issuer) >= 1) AND (char_length(issuer) <= 2048))))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_jwks_uri_https', 'CHECK (((jwks_uri IS NULL) OR (jwks_uri ~~ ''https://%''::text)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_jwks_uri_length', 'CHECK (((jwks_uri IS NULL) OR (char_length(jwks_uri) <= 2048)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_name_length', 'CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_oauth2_requires_endpoints', 'CHECK (((provider_type <> ''oauth2''::text) OR ((authorization_url IS NOT NULL) AND (token_url IS NOT NULL) AND (userinfo_url IS NOT NULL))))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_oidc_discovery_url_https', 'CHECK (((provider_type <> ''oidc''::text) OR (discovery_url IS NULL) OR (discovery_url ~~ ''https://%''::text)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_oidc_issuer_https', 'CHECK (((provider_type <> ''oidc''::text) OR (issuer IS NULL) OR (issuer ~~ ''https://%''::text)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_oidc_requires_issuer', 'CHECK (((provider_type <> ''oidc''::text) OR (issuer IS NOT NULL)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_provider_type_check', 'CHECK ((provider_type = ANY (ARRAY[''oauth2''::text, ''oidc''::text])))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_token_url_https', 'CHECK (((token_url IS NULL) OR (token_url ~~ ''https://%''::text)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_token_url_length', 'CHECK (((token_url IS NULL) OR (char_length(token_url) <= 2048)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_userinfo_url_https', 'CHECK (((userinfo_url IS NULL) OR (userinfo_url ~~ ''https://%''::text)))'),
    ('auth.custom_oauth_providers', 'custom_oauth_providers_userinfo_url_length', 'CHECK (((userinfo_url IS NULL) OR (char_length(userinfo_url) <= 2048)))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_authorization_code_length', 'CHECK ((char_length(authorization_code) <= 255))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_code_challenge_length', 'CHECK ((char_length(code_challenge) <= 128))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_expires_at_future', 'CHECK ((expires_at > created_at))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_nonce_length', 'CHECK ((char_length(nonce) <= 255))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_redirect_uri_length', 'CHECK ((char_length(redirect_uri) <= 2048))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_resource_length', 'CHECK ((char_length(resource) <= 2048))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_scope_length', 'CHECK ((char_length(scope) <= 4096))'),
    ('auth.oauth_authorizations', 'oauth_authorizations_state_length', 'CHECK ((char_length(state) <= 4096))'),
    ('auth.oauth_clients', 'oauth_clients_client_name_length', 'CHECK ((char_length(client_name) <= 1024))'),
    ('auth.oauth_clients', 'oauth_clients_client_uri_length', 'CHECK ((char_length(client_uri) <= 2048))'),
    ('auth.oauth_clients', 'oauth_clients_logo_uri_length', 'CHECK ((char_length(logo_uri) <= 2048))'),
    ('auth.oauth_clients', 'oauth_clients_token_endpoint_auth_method_check', 'CHECK ((token_endpoint_auth_method = ANY (ARRAY[''client_secret_basic''::text, ''client_secret_post''::text, ''none''::text])))'),
    ('auth.oauth_consents', 'oauth_consents_revoked_after_granted', 'CHECK (((revoked_at IS NULL) OR (revoked_at >= granted_at)))'),
    ('auth.oauth_consents', 'oauth_consents_scopes_length', 'CHECK ((char_length(scopes) <= 2048))'),
    ('auth.oauth_consents', 'oauth_consents_scopes_not_empty', 'CHECK ((char_length(TRIM(BOTH FROM scopes)) > 0))'),
    ('auth.one_time_tokens', 'one_time_tokens_token_hash_check', 'CHECK ((char_length(token_hash) > 0))'),
    ('auth.saml_providers', 'entity_id not empty', 'CHECK ((char_length(entity_id) > 0))'),
    ('auth.saml_providers', 'metadata_url not empty', 'CHECK (((metadata_url = NULL::text) OR (char_length(metadata_url) > 0)))'),
    ('auth.saml_providers', 'metadata_xml not empty', 'CHECK ((char_length(metadata_xml) > 0))'),
    ('auth.saml_relay_states', 'request_id not empty', 'CHECK ((char_length(request_id) > 0))'),
    ('auth.sessions', 'sessions_scopes_length', 'CHECK ((char_length(scopes) <= 4096))'),
    ('auth.sso_domains', 'domain not empty', 'CHECK ((char_length(domain) > 0))'),
    ('auth.sso_providers', 'resource_id not empty', 'CHECK (((resource_id = NULL::text) OR (char_length(resource_id) > 0)))'),
    ('auth.users', 'users_email_change_confirm_status_check', 'CHECK (((email_change_confirm_status >= 0) AND (email_change_confirm_status <= 2)))'),
    ('auth.webauthn_challenges', 'webauthn_challenges_challenge_type_check', 'CHECK ((challenge_type = ANY (ARRAY[''signup''::text, ''registration''::text, ''authentication''::text])))')
  ) as constraints(table_name, name, definition) loop
    select pg_catalog.pg_get_constraintdef(oid) into present from pg_catalog.pg_constraint
      where conrelid = wanted.table_name::regclass and conname = wanted.name;
    continue when found and (present = wanted.definition or wanted.definition like 'CHECK%');
    if found then
      execute format('alter table %s drop constraint %I', wanted.table_name, wanted.name);
    end if;
    execute format('alter table %s add constraint %I %s', wanted.table_name, wanted.name, wanted.definition);
  end loop;
end $$;

-- Indexes
do $$
declare wanted record; present text;
begin
  for wanted in select * from (values
    ('audit_logs_instance_id_idx', 'CREATE INDEX audit_logs_instance_id_idx ON auth.audit_log_entries USING btree (instance_id)'),
    ('custom_oauth_providers_created_at_idx', 'CREATE INDEX custom_oauth_providers_created_at_idx ON auth.custom_oauth_providers USING btree (created_at)'),
    ('custom_oauth_providers_enabled_idx', 'CREATE INDEX custom_oauth_providers_enabled_idx ON auth.custom_oauth_providers USING btree (enabled)'),
    ('custom_oauth_providers_identifier_idx', 'CREATE INDEX custom_oauth_providers_identifier_idx ON auth.custom_oauth_providers USING btree (identifier)'),
    ('custom_oauth_providers_provider_type_idx', 'CREATE INDEX custom_oauth_providers_provider_type_idx ON auth.custom_oauth_providers USING btree (provider_type)'),
    ('flow_state_created_at_idx', 'CREATE INDEX flow_state_created_at_idx ON auth.flow_state USING btree (created_at DESC)'),
    ('idx_auth_code', 'CREATE INDEX idx_auth_code ON auth.flow_state USING btree (auth_code)'),
    ('idx_user_id_auth_method', 'CREATE INDEX idx_user_id_auth_method ON auth.flow_state USING btree (user_id, authentication_method)'),
    ('identities_email_idx', 'CREATE INDEX identities_email_idx ON auth.identities USING btree (email text_pattern_ops)'),
    ('identities_user_id_idx', 'CREATE INDEX identities_user_id_idx ON auth.identities USING btree (user_id)'),
    ('mfa_challenge_created_at_idx', 'CREATE INDEX mfa_challenge_created_at_idx ON auth.mfa_challenges USING btree (created_at DESC)'),
    ('factor_id_created_at_idx', 'CREATE INDEX factor_id_created_at_idx ON auth.mfa_factors USING btree (user_id, created_at)'),
    ('mfa_factors_user_friendly_name_unique', 'CREATE UNIQUE INDEX mfa_factors_user_friendly_name_unique ON auth.mfa_factors USING btree (friendly_name, user_id) WHERE (TRIM(BOTH FROM friendly_name) <> ''''::text)'),
    ('mfa_factors_user_id_idx', 'CREATE INDEX mfa_factors_user_id_idx ON auth.mfa_factors USING btree (user_id)'),
    ('unique_phone_factor_per_user', 'CREATE UNIQUE INDEX unique_phone_factor_per_user ON auth.mfa_factors USING btree (user_id, phone)'),
    ('oauth_auth_pending_exp_idx', 'CREATE INDEX oauth_auth_pending_exp_idx ON auth.oauth_authorizations USING btree (expires_at) WHERE (status = ''pending''::auth.oauth_authorization_status)'),
    ('idx_oauth_client_states_created_at', 'CREATE INDEX idx_oauth_client_states_created_at ON auth.oauth_client_states USING btree (created_at)'),
    ('oauth_clients_deleted_at_idx', 'CREATE INDEX oauth_clients_deleted_at_idx ON auth.oauth_clients USING btree (deleted_at)'),
    ('oauth_consents_active_client_idx', 'CREATE INDEX oauth_consents_active_client_idx ON auth.oauth_consents USING btree (client_id) WHERE (revoked_at IS NULL)'),
    ('oauth_consents_active_user_client_idx', 'CREATE INDEX oauth_consents_active_user_client_idx ON auth.oauth_consents USING btree (user_id, client_id) WHERE (revoked_at IS NULL)'),
    ('oauth_consents_user_order_idx', 'CREATE INDEX oauth_consents_user_order_idx ON auth.oauth_consents USING btree (user_id, granted_at DESC)'),
    ('one_time_tokens_relates_to_hash_idx', 'CREATE INDEX one_time_tokens_relates_to_hash_idx ON auth.one_time_tokens USING hash (relates_to)'),
    ('one_time_tokens_token_hash_hash_idx', 'CREATE INDEX one_time_tokens_token_hash_hash_idx ON auth.one_time_tokens USING hash (token_hash)'),
    ('one_time_tokens_user_id_token_type_key', 'CREATE UNIQUE INDEX one_time_tokens_user_id_token_type_key ON auth.one_time_tokens USING btree (user_id, token_type)'),
    ('refresh_tokens_instance_id_idx', 'CREATE INDEX refresh_tokens_instance_id_idx ON auth.refresh_tokens USING btree (instance_id)'),
    ('refresh_tokens_instance_id_user_id_idx', 'CREATE INDEX refresh_tokens_instance_id_user_id_idx ON auth.refresh_tokens USING btree (instance_id, user_id)'),
    ('refresh_tokens_parent_idx', 'CREATE INDEX refresh_tokens_parent_idx ON auth.refresh_tokens USING btree (parent)'),
    ('refresh_tokens_session_id_revoked_idx', 'CREATE INDEX refresh_tokens_session_id_revoked_idx ON auth.refresh_tokens USING btree (session_id, revoked)'),
    ('refresh_tokens_updated_at_idx', 'CREATE INDEX refresh_tokens_updated_at_idx ON auth.refresh_tokens USING btree (updated_at DESC)'),
    ('saml_providers_sso_provider_id_idx', 'CREATE INDEX saml_providers_sso_provider_id_idx ON auth.saml_providers USING btree (sso_provider_id)'),
    ('saml_relay_states_created_at_idx', 'CREATE INDEX saml_relay_states_created_at_idx ON auth.saml_relay_states USING btree (created_at DESC)'),
    ('saml_relay_states_for_email_idx', 'CREATE INDEX saml_relay_states_for_email_idx ON auth.saml_relay_states USING btree (for_email)'),
    ('saml_relay_states_sso_provider_id_idx', 'CREATE INDEX saml_relay_states_sso_provider_id_idx ON auth.saml_relay_states USING btree (sso_provider_id)'),
    ('schema_migrations_version_idx', 'CREATE UNIQUE INDEX schema_migrations_version_idx ON auth.schema_migrations USING btree (version)'),
    ('sessions_not_after_idx', 'CREATE INDEX sessions_not_after_idx ON auth.sessions USING btree (not_after DESC)'),
    ('sessions_oauth_client_id_idx', 'CREATE INDEX sessions_oauth_client_id_idx ON auth.sessions USING btree (oauth_client_id)'),
    ('sessions_user_id_idx', 'CREATE INDEX sessions_user_id_idx ON auth.sessions USING btree (user_id)'),
    ('user_id_created_at_idx', 'CREATE INDEX user_id_created_at_idx ON auth.sessions USING btree (user_id, created_at)'),
    ('sso_domains_domain_idx', 'CREATE UNIQUE INDEX sso_domains_domain_idx ON auth.sso_domains USING btree (lower(domain))'),
    ('sso_domains_sso_provider_id_idx', 'CREATE INDEX sso_domains_sso_provider_id_idx ON auth.sso_domains USING btree (sso_provider_id)'),
    ('sso_providers_resource_id_idx', 'CREATE UNIQUE INDEX sso_providers_resource_id_idx ON auth.sso_providers USING btree (lower(resource_id))'),
    ('sso_providers_resource_id_pattern_idx', 'CREATE INDEX sso_providers_resource_id_pattern_idx ON auth.sso_providers USING btree (resource_id text_pattern_ops)'),
    ('confirmation_token_idx', 'CREATE UNIQUE INDEX confirmation_token_idx ON auth.users USING btree (confirmation_token) WHERE ((confirmation_token)::text !~ ''^[0-9 ]*$''::text)'),
    ('email_change_token_current_idx', 'CREATE UNIQUE INDEX email_change_token_current_idx ON auth.users USING btree (email_change_token_current) WHERE ((email_change_token_current)::text !~ ''^[0-9 ]*$''::text)'),
    ('email_change_token_new_idx', 'CREATE UNIQUE INDEX email_change_token_new_idx ON auth.users USING btree (email_change_token_new) WHERE ((email_change_token_new)::text !~ ''^[0-9 ]*$''::text)'),
    ('reauthentication_token_idx', 'CREATE UNIQUE INDEX reauthentication_token_idx ON auth.users USING btree (reauthentication_token) WHERE ((reauthentication_token)::text !~ ''^[0-9 ]*$''::text)'),
    ('recovery_token_idx', 'CREATE UNIQUE INDEX recovery_token_idx ON auth.users USING btree (recovery_token) WHERE ((recovery_token)::text !~ ''^[0-9 ]*$''::text)'),
    ('users_email_partial_key', 'CREATE UNIQUE INDEX users_email_partial_key ON auth.users USING btree (email) WHERE (is_sso_user = false)'),
    ('users_instance_id_email_idx', 'CREATE INDEX users_instance_id_email_idx ON auth.users USING btree (instance_id, lower((email)::text))'),
    ('users_instance_id_idx', 'CREATE INDEX users_instance_id_idx ON auth.users USING btree (instance_id)'),
    ('users_is_anonymous_idx', 'CREATE INDEX users_is_anonymous_idx ON auth.users USING btree (is_anonymous)'),
    ('webauthn_challenges_expires_at_idx', 'CREATE INDEX webauthn_challenges_expires_at_idx ON auth.webauthn_challenges USING btree (expires_at)'),
    ('webauthn_challenges_user_id_idx', 'CREATE INDEX webauthn_challenges_user_id_idx ON auth.webauthn_challenges USING btree (user_id)'),
    ('webauthn_credentials_credential_id_key', 'CREATE UNIQUE INDEX webauthn_credentials_credential_id_key ON auth.webauthn_credentials USING btree (credential_id)'),
    ('webauthn_credentials_user_id_idx', 'CREATE INDEX webauthn_credentials_user_id_idx ON auth.webauthn_credentials USING btree (user_id)')
  ) as indexes(name, definition) loop
    select pg_catalog.pg_get_indexdef(to_regclass(format('auth.%I', wanted.name))) into present;
    continue when present = wanted.definition;
    if present is not null then
      execute format('drop index auth.%I', wanted.name);
    end if;
    execute wanted.definition;
  end loop;
end $$;

-- Row-level security
alter table auth.audit_log_entries enable row level security;
alter table auth.flow_state enable row level security;
alter table auth.identities enable row level security;
alter table auth.instances enable row level security;
alter table auth.mfa_amr_claims enable row level security;
alter table auth.mfa_challenges enable row level security;
alter table auth.mfa_factors enable row level security;
alter table auth.one_time_tokens enable row level security;
alter table auth.refresh_tokens enable row level security;
alter table auth.saml_providers enable row level security;
alter table auth.saml_relay_states enable row level security;
alter table auth.schema_migrations enable row level security;
alter table auth.sessions enable row level security;
alter table auth.sso_domains enable row level security;
alter table auth.sso_providers enable row level security;
alter table auth.users enable row level security;

-- What policies call
do $$
begin
  create or replace function auth.uid() returns uuid language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid
  $f$;
  create or replace function auth.role() returns text language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim.role', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')::text
  $f$;
  create or replace function auth.email() returns text language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim.email', true), ''),
      nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')::text
  $f$;
  create or replace function auth.jwt() returns jsonb language sql stable as $f$
    select coalesce(nullif(current_setting('request.jwt.claim', true), ''),
      nullif(current_setting('request.jwt.claims', true), ''))::jsonb
  $f$;
exception when insufficient_privilege then
  raise notice 'functions of schema auth belong to another role and stay as they are';
end $$;

-- Roles of a Supabase installation, where they exist
do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'postgres' and rolname <> current_user) then
    grant usage on schema auth to postgres;
    grant select on all tables in schema auth to postgres with grant option;
    grant insert, update, delete on all tables in schema auth to postgres;
  end if;
  if exists (select from pg_catalog.pg_roles where rolname = 'dashboard_user') then
    grant all on schema auth to dashboard_user;
    grant all on all tables in schema auth to dashboard_user;
  end if;
exception when insufficient_privilege then
  raise notice 'rights on schema auth could not be granted';
end $$;
do $$
declare wanted text;
begin
  foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
    if exists (select from pg_catalog.pg_roles where rolname = wanted) then
      execute format('grant usage on schema auth to %I', wanted);
    end if;
  end loop;
exception when insufficient_privilege then
  raise notice 'rights on schema auth could not be granted';
end $$;

insert into auth.schema_migrations (version)
  values
    ('00'), ('20210710035447'), ('20210722035447'), ('20210730183235'), ('20210909172000'), ('20210927181326'), ('20211122151130'), ('20211124214934'),
    ('20211202183645'), ('20220114185221'), ('20220114185340'), ('20220224000811'), ('20220323170000'), ('20220429102000'), ('20220531120530'), ('20220614074223'),
    ('20220811173540'), ('20221003041349'), ('20221003041400'), ('20221011041400'), ('20221020193600'), ('20221021073300'), ('20221021082433'), ('20221027105023'),
    ('20221114143122'), ('20221114143410'), ('20221125140132'), ('20221208132122'), ('20221215195500'), ('20221215195800'), ('20221215195900'), ('20230116124310'),
    ('20230116124412'), ('20230131181311'), ('20230322519590'), ('20230402418590'), ('20230411005111'), ('20230508135423'), ('20230523124323'), ('20230818113222'),
    ('20230914180801'), ('20231027141322'), ('20231114161723'), ('20231117164230'), ('20240115144230'), ('20240214120130'), ('20240306115329'), ('20240314092811'),
    ('20240427152123'), ('20240612123726'), ('20240729123726'), ('20240802193726'), ('20240806073726'), ('20241009103726'), ('20250717082212'), ('20250731150234'),
    ('20250804100000'), ('20250901200500'), ('20250903112500'), ('20250904133000'), ('20250925093508'), ('20251007112900'), ('20251104100000'), ('20251111201300'),
    ('20251201000000'), ('20260115000000'), ('20260121000000'), ('20260219120000'), ('20260302000000'), ('20260625000000')
  on conflict do nothing;
