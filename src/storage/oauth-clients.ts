// Tables auth.oauth_clients and postern.oauth_client_metadata: applications that sign people in through this server.
import type { Queryable } from './db.ts'

/** What an application says of itself beyond the columns, in postern.oauth_client_metadata (names of RFC 7591). */
export interface ClientMetadata {
  /** How it proves itself where the column cannot say so. */
  token_endpoint_auth_method?: 'private_key_jwt' | null
  jwks?: { keys: Record<string, unknown>[] } | null
  jwks_uri?: string | null
  /** Scopes that it may have for itself (RFC 6749 §4.4), separated by spaces. */
  scope?: string | null
  /** RFC 9449 §5.2. */
  dpop_bound_access_tokens?: boolean | null
  /** RFC 9126 §6. */
  require_pushed_authorization_requests?: boolean | null
  /** The address of the document that it is described by, which is its name to the outside. */
  client_document?: string | null
  /** Where people may be sent who signed out (OpenID Connect RP-Initiated Logout 1.0 §3.1). */
  post_logout_redirect_uris?: string[] | null
  /** Where it is told of sessions that ended (OpenID Connect Back-Channel Logout 1.0 §2.2). */
  backchannel_logout_uri?: string | null
  backchannel_logout_session_required?: boolean | null
  /** Whether it may look at tokens of other applications; ours, not of the RFC. */
  introspects_all?: boolean | null
}

/** A row of auth.oauth_clients; lists are separated by commas, as the reference stores them. */
export interface OAuthClient {
  id: string
  registration_type: 'dynamic' | 'manual'
  client_type: 'public' | 'confidential'
  token_endpoint_auth_method: string
  redirect_uris: string
  grant_types: string
  client_name: string | null
  client_uri: string | null
  logo_uri: string | null
  /** SHA-256 of the secret in base64url; null for public clients. */
  client_secret_hash: string | null
  created_at: string
  updated_at: string
  more: ClientMetadata
}

const columns = `id, registration_type::text, client_type::text, token_endpoint_auth_method, redirect_uris, grant_types,
  client_name, client_uri, logo_uri, client_secret_hash, created_at, updated_at`

const more = `coalesce((select m.metadata from postern.oauth_client_metadata m where m.id = c.id), '{}') as more`

/** Adds a client. */
export async function insertOAuthClient(
  db: Queryable,
  client: Omit<OAuthClient, 'created_at' | 'updated_at'>,
): Promise<OAuthClient | null> {
  const [row] = await db.query<OAuthClient>(
    `with client as (
        insert into auth.oauth_clients (id, registration_type, client_type, token_endpoint_auth_method, redirect_uris, grant_types,
            client_name, client_uri, logo_uri, client_secret_hash)
          values ($1, $2::auth.oauth_registration_type, $3::auth.oauth_client_type, $4, $5, $6, $7, $8, $9, $10) returning *),
      metadata as (
        insert into postern.oauth_client_metadata (id, metadata) select id, $11::jsonb from client where $11::jsonb <> '{}')
      select ${columns}, $11::jsonb as more from client`,
    [
      client.id,
      client.registration_type,
      client.client_type,
      client.token_endpoint_auth_method,
      client.redirect_uris,
      client.grant_types,
      client.client_name,
      client.client_uri,
      client.logo_uri,
      client.client_secret_hash,
      client.more,
    ],
  )
  return row ?? null
}

/** Adds a client that a document describes, or brings it up to date; false for one that an administrator removed. */
export async function putDocumentClient(
  tx: Queryable,
  client: Pick<OAuthClient, 'id' | 'redirect_uris' | 'grant_types' | 'client_name' | 'client_uri' | 'more'>,
): Promise<boolean> {
  const rows = await tx.query(
    `with client as (
        insert into auth.oauth_clients as c (id, registration_type, client_type, token_endpoint_auth_method, redirect_uris,
            grant_types, client_name, client_uri)
          values ($1, 'dynamic', 'public', 'none', $2, $3, $4, $5)
          on conflict (id) do update set redirect_uris = excluded.redirect_uris, grant_types = excluded.grant_types,
            client_name = excluded.client_name, updated_at = now() where c.deleted_at is null
          returning id)
      insert into postern.oauth_client_metadata as m (id, metadata) select id, $6::jsonb from client
        on conflict (id) do update set metadata = excluded.metadata returning id`,
    [client.id, client.redirect_uris, client.grant_types, client.client_name, client.client_uri, client.more],
  )
  return rows.length > 0
}

/** A client that was not removed. */
export async function findOAuthClient(db: Queryable, id: string): Promise<OAuthClient | null> {
  const [row] = await db.query<OAuthClient>(
    `select ${columns}, ${more} from auth.oauth_clients c where id = $1 and deleted_at is null`,
    [id],
  )
  return row ?? null
}

/** The clients that were not removed, newest first. */
export const listOAuthClients = (db: Queryable): Promise<OAuthClient[]> =>
  db.query<OAuthClient>(
    `select ${columns}, ${more} from auth.oauth_clients c where deleted_at is null order by created_at desc, id`,
  )

/** Columns that an administrator may change. */
export type OAuthClientChanges = Partial<
  Pick<
    OAuthClient,
    | 'redirect_uris'
    | 'grant_types'
    | 'client_name'
    | 'client_uri'
    | 'logo_uri'
    | 'token_endpoint_auth_method'
    | 'client_secret_hash'
  >
>

/** Changes a client, and what `more` names of its metadata, where null takes away; null when it is gone. */
export async function updateOAuthClient(
  db: Queryable,
  id: string,
  changes: OAuthClientChanges,
  metadata: ClientMetadata = {},
): Promise<OAuthClient | null> {
  const [row] = await db.query<OAuthClient>(
    `with metadata as (
        insert into postern.oauth_client_metadata as m (id, metadata)
          select id, jsonb_strip_nulls($3::jsonb) from auth.oauth_clients where id = $1 and deleted_at is null and $3::jsonb <> '{}'
          on conflict (id) do update set metadata = jsonb_strip_nulls(m.metadata || $3::jsonb)
          returning m.metadata)
      update auth.oauth_clients c set (redirect_uris, grant_types, client_name, client_uri, logo_uri,
        token_endpoint_auth_method, client_secret_hash, updated_at) =
        (select n.redirect_uris, n.grant_types, n.client_name, n.client_uri, n.logo_uri, n.token_endpoint_auth_method,
          n.client_secret_hash, now() from jsonb_populate_record(c, $2::jsonb) n)
      where id = $1 and deleted_at is null
      returning ${columns}, coalesce((select metadata from metadata),
        (select m.metadata from postern.oauth_client_metadata m where m.id = c.id), '{}') as more`,
    [id, changes, metadata],
  )
  return row ?? null
}

/** Removes a client softly; its sessions stay, but nobody can refresh them. False when there is none. */
export async function deleteOAuthClient(db: Queryable, id: string): Promise<boolean> {
  const rows = await db.query(
    'update auth.oauth_clients set deleted_at = now(), updated_at = now() where id = $1 and deleted_at is null returning id',
    [id],
  )
  return rows.length > 0
}
