// ID tokens: who signed in at an application, in claims that its scopes let it see (OpenID Connect Core 1.0 §2, §5.4).
import type { Ctx } from '../../context.ts'
import type { Claims } from '../../crypto/jwt.ts'
import type { User } from '../../storage/users.ts'
import { signWithin } from '../steps/sessions/sign-within.ts'
import type { Tx } from '../steps/transact.ts'
import { wordsOf } from './authorization-parameters.ts'
import { isOn } from './oauth-client.ts'

const life_s = 3600

/** What a person's metadata says for the scope `profile`. */
export function profileClaims({ raw_user_meta_data, email, updated_at }: User): Record<string, unknown> {
  const metadata = raw_user_meta_data ?? {}
  const first = (...values: unknown[]) => values.find((value) => typeof value === 'string' && value !== '')
  const name = first(metadata.name, email)
  const picture = first(metadata.picture, metadata.avatar_url)
  const preferred_username = first(metadata.preferred_username, metadata.username)
  return {
    ...(name !== undefined && { name }),
    ...(picture !== undefined && { picture }),
    ...(preferred_username !== undefined && { preferred_username }),
    updated_at: Math.floor(Date.parse(`${updated_at}`) / 1000),
  }
}

/** Who signed in at what. */
interface SignedIn {
  client_id: string
  scope: string
  nonce: string | null
  session_id: string
  /** When the person signed in, RFC 3339; null where nobody noted it. */
  signed_in_at: string | null
}

/** Signs the ID token of an exchange in its transaction; `now_s` is the database's time in whole seconds. */
export function makeIdToken(ctx: Ctx, tx: Tx, user: User, asked: SignedIn, now_s: number): Promise<string> {
  const scopes = wordsOf(asked.scope)
  const signed_in_at = asked.signed_in_at ?? user.last_sign_in_at
  const claims: Claims = {
    iss: ctx.config.jwt_issuer,
    sub: user.id,
    aud: asked.client_id,
    iat: now_s,
    exp: now_s + life_s,
    auth_time: signed_in_at ? Math.floor(Date.parse(signed_in_at) / 1000) : now_s,
    ...(asked.nonce && { nonce: asked.nonce }),
    client_id: asked.client_id,
    ...(isOn(ctx, 'logout') && { sid: asked.session_id }),
    email_verified: scopes.includes('email') && user.email_confirmed_at !== null,
    phone_number_verified: scopes.includes('phone') && user.phone_confirmed_at !== null,
    ...(scopes.includes('email') && user.email && { email: user.email }),
    ...(scopes.includes('phone') && user.phone && { phone_number: user.phone }),
    ...(scopes.includes('profile') && profileClaims(user)),
  }
  return signWithin(tx, claims, ctx.keys.id_tokens)
}
