// The hooks around the creation of an account.
import type { Ctx } from '../../../context.ts'
import type { Metadata } from '../../../storage/metadata.ts'
import type { User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'

const zeroTime = '0001-01-01T00:00:00Z'

/** An account that is not stored yet, as the hook sees it. */
export interface Candidate {
  id: string
  aud: string
  email?: string
  phone?: string
  app_metadata: Metadata
  user_metadata: Metadata
  is_anonymous?: boolean
}

/**
 * Asks the before-user-created hook; call it outside transactions.
 * @throws AuthError as the hook answers
 */
export async function askBeforeUserCreated(ctx: Ctx, candidate: Candidate): Promise<void> {
  if (!ctx.hooks.enabled('before_user_created')) return
  const user = {
    id: candidate.id,
    aud: candidate.aud,
    role: '',
    email: candidate.email ?? '',
    phone: candidate.phone ?? '',
    app_metadata: candidate.app_metadata,
    user_metadata: candidate.user_metadata,
    identities: [],
    created_at: zeroTime,
    updated_at: zeroTime,
    is_anonymous: candidate.is_anonymous ?? false,
  }
  await ctx.hooks.run('before_user_created', { user }, { client_address: ctx.client_address, db: ctx.db })
}

/**
 * Tells the after-user-created hook, after the commit; the account stays whatever it answers.
 * @throws AuthError as the hook answers
 */
export async function tellAfterUserCreated(ctx: Ctx, user: User): Promise<void> {
  if (!ctx.hooks.enabled('after_user_created')) return
  const payload = { user: presentUser(user) }
  await ctx.hooks.run('after_user_created', payload, { client_address: ctx.client_address, db: ctx.db })
}
