// POST /admin/users: an administrator creates an account, confirmed or not, with a password or the hash of one.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { AdminCtx, Ctx } from '../../context.ts'
import { unusableHash } from '../../crypto/codes.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import { insertIdentity } from '../../storage/identities.ts'
import type { Metadata } from '../../storage/metadata.ts'
import { storePendingCredentials, TRUSTED } from '../../storage/pending-credentials.ts'
import { findRegisteredByEmail, findRegisteredByPhone, findUserById, insertUser } from '../../storage/users.ts'
import { asDatabaseFailure, phoneTaken } from '../steps/accounts/as-database-failure.ts'
import { mergeMetadata } from '../steps/accounts/merge-metadata.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { emailExists, normaliseEmail, normalisePhone } from '../steps/requests/addresses.ts'
import { bannedUntil } from '../steps/requests/banned-until.ts'
import { optionalBoolean, optionalObject, text } from '../steps/requests/fields.ts'
import { nilUuid, parseUuid } from '../steps/requests/uuid.ts'
import { type Tx, transact } from '../steps/transact.ts'

export const createUserBody = z.object({
  id: text,
  aud: text,
  role: text,
  email: text,
  phone: text,
  password: z.string().optional(),
  password_hash: text,
  email_confirm: optionalBoolean,
  phone_confirm: optionalBoolean,
  user_metadata: optionalObject,
  app_metadata: optionalObject,
  ban_duration: text,
})

type NewUserBody = z.infer<typeof createUserBody>

/** Creates the account; no hooks, no mails, no check of the password's strength. */
export async function createUser(ctx: AdminCtx, body: NewUserBody): Promise<Reply> {
  if (body.email === '' && body.phone === '') throw invalid('Cannot create a user without either an email or phone')
  const aud = body.aud || ctx.aud
  const email = body.email === '' ? null : normaliseEmail(body.email)
  const phone = body.phone === '' ? null : normalisePhone(body.phone)
  if (email !== null && (await findRegisteredByEmail(ctx.db, email))) throw emailExists()
  if (phone !== null && (await findRegisteredByPhone(ctx.db, phone))) throw phoneTaken()
  const id = readId(body.id)
  const banned_until = body.ban_duration === '' ? null : bannedUntil(ctx, body.ban_duration)
  const encrypted_password = ctx.column_cipher.encrypt(await hashOf(ctx, body), id)
  const account = { id, aud, email, phone, encrypted_password, banned_until }
  await transact(ctx, (tx) => insertAccount(ctx, tx, account, body)).catch(
    asDatabaseFailure('Database error creating new user'),
  )
  const user = await findUserById(ctx.db, id)
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error creating new user')
  const shown = presentUser(user, { written: true })
  return json(user.raw_user_meta_data === null ? { ...shown, user_metadata: null } : shown)
}

interface Account {
  id: string
  aud: string
  email: string | null
  phone: string | null
  encrypted_password: string
  banned_until: string | null
}

async function insertAccount(ctx: AdminCtx, tx: Tx, account: Account, body: NewUserBody): Promise<void> {
  const { id, email, phone } = account
  const providers = [email !== null && 'email', phone !== null && 'phone'].filter((name) => name !== false)
  const [provider = 'email'] = providers
  await insertUser(tx, {
    ...account,
    role: body.role === '' ? ctx.config.jwt_default_group_name : body.role.trim(),
    raw_app_meta_data: mergeMetadata({ provider, providers }, body.app_metadata ?? {}),
    raw_user_meta_data: metadataOf(body),
    email_confirmed: body.email_confirm === true,
    phone_confirmed: body.phone_confirm === true,
  })
  const flags = { email_verified: false, phone_verified: false }
  const own = (name: string, data: object) =>
    insertIdentity(tx, {
      id: randomUUID(),
      user_id: id,
      provider: name,
      provider_id: id,
      identity_data: { sub: id, ...data, ...flags },
    })
  const traits = { user_id: id, user_email: email ?? '', user_phone: phone ?? '', provider }
  await Promise.all([
    email !== null && own('email', { email }),
    phone !== null && own('phone', { phone }),
    storePendingCredentials(tx, id, { token_hash: TRUSTED, encrypted_password: null, user_metadata: null }),
    audit(ctx, tx, administrator(ctx), 'user_signedup', traits),
  ])
}

/** As recorded, an account that comes with a hash and says nothing of itself has no metadata at all. */
function metadataOf({ user_metadata, email_confirm, password_hash }: NewUserBody): Metadata | null {
  if (password_hash !== '' && !user_metadata && !email_confirm) return null
  return { ...user_metadata, ...(email_confirm && { email_verified: true }) }
}

function readId(text: string): string {
  if (text === '') return randomUUID()
  const id = parseUuid(text)
  if (id === null) throw invalid('ID must conform to the uuid v4 format')
  if (id === nilUuid) throw invalid('ID cannot be a nil uuid')
  return id
}

async function hashOf(ctx: Ctx, { password, password_hash }: NewUserBody): Promise<string> {
  if (password && password_hash !== '') throw invalid('Only a password or a password hash should be provided')
  if (password_hash !== '') {
    const problem = ctx.hasher.checkHash(password_hash)
    if (problem !== null) throw invalid(`password_hash: ${problem}`)
    return password_hash
  }
  if (!password) return unusableHash(ctx.random)
  if (Buffer.byteLength(password) > 72) throw invalid('Password cannot be longer than 72 characters')
  return ctx.hasher.hash(password)
}
