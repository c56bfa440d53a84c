-- Schema postern: what is ours beside schema auth. Dropping it leaves a database that the reference can use.
-- Nothing in schema auth refers to it, and nothing is granted to anybody.

create schema if not exists postern;
revoke all on schema postern from public;

-- Mails and messages to be sent, written in the transaction that caused them; `sealed` is encrypted.
create table if not exists postern.outbox (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  channel text not null default 'mail',
  recipient text not null,
  user_id uuid,
  sealed text not null,
  token_hashes text[] not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  next_attempt_at timestamptz not null default now(),
  locked_until timestamptz,
  attempts int not null default 0,
  last_error text
);
create index if not exists outbox_next_attempt_at_idx on postern.outbox (next_attempt_at);

-- Attempts at secrets of a subject in its current window.
create table if not exists postern.attempts (
  scope text not null,
  subject text not null,
  window_start timestamptz not null,
  count int not null,
  primary key (scope, subject)
);
create index if not exists attempts_window_start_idx on postern.attempts (window_start);

-- Limits that all instances share; losing them in a crash is harmless.
create unlogged table if not exists postern.rate_limits (
  key text primary key,
  count int not null,
  until timestamptz not null
);
create index if not exists rate_limits_until_idx on postern.rate_limits (until);

-- What happened on a day (UTC), by way and outcome, counted as it happens.
create table if not exists postern.daily_counts (
  day date not null,
  event text not null,
  way text not null,
  outcome text not null,
  count bigint not null,
  primary key (day, event, way, outcome)
);

-- Numbers that take long to count, as they were when somebody counted last.
create table if not exists postern.kept_numbers (
  name text primary key,
  numbers jsonb not null,
  took_ms int not null default 0,
  counting_until timestamptz,
  counted_at timestamptz
);

-- Links by which an operator of the machine opens the console, hashed; each counts once.
create table if not exists postern.console_links (
  token_hash bytea primary key,
  operator text not null,
  expires_at timestamptz not null
);

-- Sessions of the console that such a link opened: of no account, and for the console alone.
create table if not exists postern.console_sessions (
  handle_hash bytea primary key,
  operator text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);

-- Imports that the console began: how far each is, and what became of lines that were not taken.
create table if not exists postern.import_jobs (
  id uuid primary key,
  operator text not null,
  file_name text not null,
  preset text not null,
  dry_run boolean not null,
  total int not null default 0,
  met int not null default 0,
  counts jsonb not null default '{}',
  results jsonb not null default '[]',
  problem text,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz
);

-- What a sign-up asked for before it proved its address, beside the token of its mail.
create table if not exists postern.pending_credentials (
  user_id uuid not null,
  token_hash text not null,
  encrypted_password text,
  user_metadata jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, token_hash)
);

-- What the links of one-time tokens carry, hashed: random, so that no code that people can guess leads to it. A row counts
-- for the token whose hash it names, and for none once that was used or replaced.
create table if not exists postern.link_tokens (
  user_id uuid not null,
  token_type text not null,
  token_hash text not null,
  link_hash text not null,
  created_at timestamptz not null default now(),
  primary key (user_id, token_type)
);
create index if not exists link_tokens_link_hash_idx on postern.link_tokens (link_hash);
-- The address that it was sent to: a code on a phone outlives the row of its token, which the proof of another thing deletes.
alter table postern.link_tokens add column if not exists relates_to text;
create index if not exists link_tokens_relates_to_idx on postern.link_tokens (relates_to);

-- Password hashes in forms that the reference does not read: `params` is all of one.
create table if not exists postern.foreign_passwords (
  user_id uuid primary key,
  scheme text not null,
  hash text not null default '',
  params jsonb not null default '{}',
  created_at timestamptz not null default now()
);

-- Accounts of imports that have not come to their end: each by the hash of what the file says of it.
drop table if exists postern.imports;
create table if not exists postern.imported_accounts (
  run text not null,
  account text not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (run, account)
);
create index if not exists imported_accounts_created_at_idx on postern.imported_accounts (created_at);

-- Tokens of providers, encrypted.
create table if not exists postern.provider_tokens (
  identity_id uuid primary key,
  sealed text not null,
  expires_at timestamptz,
  updated_at timestamptz not null default now()
);

-- ID tokens and signed messages that were used.
create table if not exists postern.used_tokens (
  hash text primary key,
  expires_at timestamptz not null
);
alter table postern.used_tokens add column if not exists session_id uuid;
create index if not exists used_tokens_expires_at_idx on postern.used_tokens (expires_at);

-- Identities that wait to be linked until their person agrees or the verifier of their flow is shown, encrypted.
create table if not exists postern.pending_links (
  flow_id uuid primary key,
  sealed text not null,
  created_at timestamptz not null default now()
);
alter table postern.pending_links add column if not exists session_id uuid;

-- Servers that use this database; losing them in a crash is harmless.
create unlogged table if not exists postern.instances (
  id uuid primary key,
  seen_at timestamptz not null default now()
);

-- Codes for the day that a second factor is lost, hashed; each counts once. Sets go with their accounts.
create table if not exists postern.recovery_code_sets (
  id uuid primary key,
  user_id uuid not null unique references auth.users (id) on delete cascade,
  friendly_name text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create table if not exists postern.recovery_codes (
  set_id uuid not null references postern.recovery_code_sets (id) on delete cascade,
  user_id uuid not null,
  code_hash text not null,
  used_at timestamptz,
  primary key (set_id, code_hash)
);

-- Devices on which a person is spared the second factor; `basis` is what they were trusted with, hashed.
create table if not exists postern.trusted_devices (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  token_hash text not null unique,
  basis text not null,
  user_agent text,
  ip text,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index if not exists trusted_devices_user_id_idx on postern.trusted_devices (user_id);

-- Browsers that are signed in to the pages: a cookie holds the handle, a row its hash; one for each session, which it goes with.
create table if not exists postern.page_sessions (
  handle_hash text primary key,
  session_id uuid not null unique references auth.sessions (id) on delete cascade,
  created_at timestamptz not null default now()
);

-- Sessions of the pages that wait to be handed to an application, until it exchanges the code of its attempt.
create table if not exists postern.page_hand_offs (
  flow_id uuid primary key,
  session_id uuid not null references auth.sessions (id) on delete cascade,
  created_at timestamptz not null default now()
);
create index if not exists page_hand_offs_session_id_idx on postern.page_hand_offs (session_id);

-- What applications say of themselves beyond the columns of auth.oauth_clients, under the names of RFC 7591.
create table if not exists postern.oauth_client_metadata (
  id uuid primary key references auth.oauth_clients (id) on delete cascade,
  metadata jsonb not null default '{}'
);

-- Sessions that identity providers of companies opened, by the providers' own names. `holder_id` is the session, or its flow
-- until the code is exchanged.
create table if not exists postern.saml_sessions (
  holder_id uuid primary key,
  sso_provider_id uuid not null references auth.sso_providers (id) on delete cascade,
  name_id text not null,
  name_id_more jsonb not null default '{}',
  session_index text not null default '',
  until timestamptz,
  created_at timestamptz not null default now()
);
create index if not exists saml_sessions_name_id_idx on postern.saml_sessions (sso_provider_id, name_id);

-- Keys that clients must prove (RFC 9449), of sessions whose refresh tokens are bound to one.
create table if not exists postern.bound_sessions (
  session_id uuid primary key references auth.sessions (id) on delete cascade,
  jkt text not null
);

-- What is asked and answered with a request for authorization beyond its columns: a key, a new sign-in, and when that was.
create table if not exists postern.authorization_details (
  id uuid primary key references auth.oauth_authorizations (id) on delete cascade,
  jkt text,
  prompt text,
  max_age_s int,
  asked_at timestamptz not null default now(),
  signed_in_at timestamptz
);

-- Requests for authorization that applications pushed (RFC 9126): each counts once.
create table if not exists postern.pushed_requests (
  uri_hash text primary key,
  client_id uuid not null references auth.oauth_clients (id) on delete cascade,
  parameters jsonb not null,
  jkt text,
  expires_at timestamptz not null
);
create index if not exists pushed_requests_expires_at_idx on postern.pushed_requests (expires_at);

-- Devices that wait for somebody to let them in (RFC 8628); their codes are hashed, and each counts once.
create table if not exists postern.device_codes (
  id uuid primary key,
  client_id uuid not null references auth.oauth_clients (id) on delete cascade,
  device_code_hash text not null unique,
  user_code_hash text not null unique,
  scope text not null,
  status text not null default 'pending',
  user_id uuid references auth.users (id) on delete cascade,
  interval_s int not null,
  polled_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index if not exists device_codes_expires_at_idx on postern.device_codes (expires_at);
create index if not exists device_codes_user_id_idx on postern.device_codes (user_id);
create index if not exists device_codes_client_id_idx on postern.device_codes (client_id);
create index if not exists pushed_requests_client_id_idx on postern.pushed_requests (client_id);

-- Tokens by which the identity provider of a company manages its people (SCIM), hashed.
create table if not exists postern.scim_tokens (
  id uuid primary key,
  sso_provider_id uuid not null references auth.sso_providers (id) on delete cascade,
  name text not null,
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz
);
create index if not exists scim_tokens_sso_provider_id_idx on postern.scim_tokens (sso_provider_id);

-- People whom a company manages: an account each, which is banned while `active` is false. `attributes` is the rest of the
-- resource. The rows outlive a provider that is deleted by hand, so that nobody comes in by that.
create table if not exists postern.scim_users (
  user_id uuid primary key references auth.users (id) on delete cascade,
  sso_provider_id uuid not null,
  identity_id uuid not null,
  user_name text not null,
  external_id text,
  active boolean not null,
  attributes jsonb not null default '{}',
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists scim_users_user_name_key on postern.scim_users (sso_provider_id, lower(user_name));
create unique index if not exists scim_users_external_id_key on postern.scim_users (sso_provider_id, external_id);
create index if not exists scim_users_created_at_idx on postern.scim_users (sso_provider_id, created_at, user_id);
create index if not exists scim_users_inactive_idx on postern.scim_users (user_id) where not active;

-- Groups of those people.
create table if not exists postern.scim_groups (
  id uuid primary key,
  sso_provider_id uuid not null,
  display_name text not null,
  external_id text,
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index if not exists scim_groups_display_name_key on postern.scim_groups (sso_provider_id, lower(display_name));
create unique index if not exists scim_groups_external_id_key on postern.scim_groups (sso_provider_id, external_id);
-- An import may bring members before their group.
create table if not exists postern.scim_members (
  group_id uuid not null,
  user_id uuid not null references postern.scim_users (user_id) on delete cascade,
  primary key (group_id, user_id)
);
alter table postern.scim_members add column if not exists created_at timestamptz not null default now();
create index if not exists scim_members_user_id_idx on postern.scim_members (user_id);

-- Sessions whose applications are told when they are over, however that comes about (back-channel logout). A row outlives its
-- session, which takes its reference along: that the session is over is in an index.
create table if not exists postern.logout_notices (
  session_id uuid primary key,
  user_id uuid not null,
  client_id uuid not null,
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now()
);
alter table postern.logout_notices add column if not exists live_session_id uuid
  references auth.sessions (id) on delete set null;
-- Of notices from before, and of those that an older server makes beside this one.
update postern.logout_notices n set live_session_id = s.id
  from auth.sessions s where n.live_session_id is null and s.id = n.session_id;
create index if not exists logout_notices_live_session_id_idx on postern.logout_notices (live_session_id);
create index if not exists logout_notices_due_idx on postern.logout_notices (next_attempt_at) where live_session_id is null;
drop index if exists postern.logout_notices_next_attempt_at_idx;

-- What applications ask of people that are described by a document, which is read once somebody has signed in.
create table if not exists postern.document_requests (
  authorization_id text primary key,
  client_document text not null,
  parameters jsonb not null,
  expires_at timestamptz not null
);
create index if not exists document_requests_expires_at_idx on postern.document_requests (expires_at);

-- Sessions that the pages handed to applications, with what people know the application by.
create table if not exists postern.application_sessions (
  session_id uuid primary key references auth.sessions (id) on delete cascade,
  application text not null
);
