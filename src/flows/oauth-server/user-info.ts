// GET /oauth/userinfo: what the scopes of an application's token let it know of the person (OpenID Connect Core 1.0 §5.3).
import type { UserCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { wordsOf } from './authorization-parameters.ts'
import { profileClaims } from './id-token.ts'

/** Answers with `sub`, and what the scopes name. */
export function userInfo({ caller: { user, session } }: UserCtx): Reply {
  const scopes = wordsOf(session?.scopes ?? '')
  return json({
    sub: user.id,
    ...(scopes.includes('email') && {
      ...(user.email && { email: user.email }),
      ...(user.email_confirmed_at !== null && { email_verified: true }),
    }),
    ...(scopes.includes('profile') && { ...profileClaims(user), user_metadata: user.raw_user_meta_data ?? {} }),
    ...(scopes.includes('phone') && {
      ...(user.phone && { phone: user.phone }),
      ...(user.phone_confirmed_at !== null && { phone_verified: true }),
    }),
  })
}
