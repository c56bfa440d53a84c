// Table auth.webauthn_credentials: passkeys, which sign in without a name.
import type { Queryable } from './db.ts'

/** A passkey as its owner sees it; times are RFC 3339. */
export interface Passkey {
  id: string
  friendly_name: string
  created_at: string
  last_used_at: string | null
}

const passkeyColumns = 'id, friendly_name, created_at, last_used_at'

/** A new passkey; byte strings are base64url. */
export interface NewPasskey {
  id: string
  user_id: string
  credential_id: string
  public_key: string
  attestation_type: string
  aaguid: string
  sign_count: number
  transports: string[]
  backup_eligible: boolean
  backed_up: boolean
  friendly_name: string
}

const bytes = (base64url: string): Buffer => Buffer.from(base64url, 'base64url')
/** A column of bytes as base64url. */
const asText = (column: string): string => `translate(encode(${column}, 'base64'), E'+/=\\n', '-_')`

/**
 * Adds a passkey.
 * @throws DatabaseError 23505 where a passkey with its credential is there
 */
export async function insertPasskey(tx: Queryable, passkey: NewPasskey): Promise<Passkey> {
  const [row] = await tx.query<Passkey>(
    `insert into auth.webauthn_credentials (id, user_id, credential_id, public_key, attestation_type, aaguid, sign_count,
        transports, backup_eligible, backed_up, friendly_name)
      values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11) returning ${passkeyColumns}`,
    [
      passkey.id,
      passkey.user_id,
      bytes(passkey.credential_id),
      bytes(passkey.public_key),
      passkey.attestation_type,
      passkey.aaguid,
      passkey.sign_count,
      passkey.transports,
      passkey.backup_eligible,
      passkey.backed_up,
      passkey.friendly_name,
    ],
  )
  if (!row) throw new Error('the passkey was not stored')
  return row
}

/** The passkeys of an account, oldest first. */
export async function findPasskeys(db: Queryable, user_id: string): Promise<Passkey[]> {
  return db.query<Passkey>(
    `select ${passkeyColumns} from auth.webauthn_credentials where user_id = $1 order by created_at, id`,
    [user_id],
  )
}

/** Ids (base64url) of the credentials of an account's passkeys, to be left out when it makes another. */
export async function findPasskeyCredentials(db: Queryable, user_id: string): Promise<{ id: string }[]> {
  return db.query(
    `select ${asText('credential_id')} as id from auth.webauthn_credentials where user_id = $1 order by created_at, id`,
    [user_id],
  )
}

/** What a signature of a passkey is checked against. */
export interface UsedPasskey {
  id: string
  /** Base64url. */
  public_key: string
  sign_count: number
  backup_eligible: boolean
}

/** An account's passkey by its credential (base64url), or null. */
export async function findPasskeyByCredential(
  db: Queryable,
  user_id: string,
  credential_id: string,
): Promise<UsedPasskey | null> {
  const [row] = await db.query<UsedPasskey>(
    `select id, ${asText('public_key')} as public_key, sign_count, backup_eligible
      from auth.webauthn_credentials where credential_id = $2 and user_id = $1`,
    [user_id, bytes(credential_id)],
  )
  return row ?? null
}

/**
 * Moves the counter of a passkey on, unless it goes back (WebAuthn §6.1.1).
 * @returns whether it went on; one that stays at 0 is not kept by the authenticator
 */
export async function advancePasskeyCounter(db: Queryable, id: string, sign_count: number): Promise<boolean> {
  const rows = await db.query(
    `update auth.webauthn_credentials set sign_count = $2
      where id = $1 and (sign_count < $2::bigint or (sign_count = 0 and $2::bigint = 0)) returning id`,
    [id, sign_count],
  )
  return rows.length > 0
}

/** Notes that a passkey signed in; false where it is gone. */
export async function touchPasskey(tx: Queryable, id: string, backed_up: boolean): Promise<boolean> {
  const rows = await tx.query(
    `update auth.webauthn_credentials set last_used_at = now(), updated_at = now(), backed_up = $2 where id = $1 returning id`,
    [id, backed_up],
  )
  return rows.length > 0
}

/** Renames an account's passkey; null where it has none of that id. */
export async function renamePasskey(
  tx: Queryable,
  user_id: string,
  id: string,
  friendly_name: string,
): Promise<Passkey | null> {
  const [row] = await tx.query<Passkey>(
    `update auth.webauthn_credentials set friendly_name = $3, updated_at = now() where id = $2 and user_id = $1
      returning ${passkeyColumns}`,
    [user_id, id, friendly_name],
  )
  return row ?? null
}

/** Deletes an account's passkey; false where it has none of that id. */
export async function deletePasskey(tx: Queryable, user_id: string, id: string): Promise<boolean> {
  const rows = await tx.query('delete from auth.webauthn_credentials where id = $2 and user_id = $1 returning id', [
    user_id,
    id,
  ])
  return rows.length > 0
}
