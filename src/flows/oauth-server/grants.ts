// /user/oauth/grants: the applications that a person has let in, and how they are shut out again.
import type { UserCtx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, noContent, type Reply } from '../../reply.ts'
import { listConsents, revokeConsent } from '../../storage/oauth-consents.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { utcTime } from '../steps/answers/present-user.ts'
import { audit } from '../steps/records/audit.ts'
import { parseUuid } from '../steps/requests/uuid.ts'
import { transact } from '../steps/transact.ts'
import { wordsOf } from './authorization-parameters.ts'
import { presentApplication } from './oauth-client.ts'

/** Answers with what was granted, newest first. */
export async function listGrants({ db, caller }: UserCtx): Promise<Reply> {
  const consents = await listConsents(db, caller.user.id)
  return json(
    consents.map((consent) => ({
      client: presentApplication(consent, consent.client_id),
      scopes: wordsOf(consent.scopes),
      granted_at: utcTime(consent.granted_at),
    })),
  )
}

/**
 * Takes everything back that was granted to `client_id`, and ends its sessions.
 * @throws AuthError 400 validation_failed; 404 oauth_consent_not_found
 */
export async function revokeGrant(ctx: UserCtx): Promise<Reply> {
  const asked = ctx.query.get('client_id') ?? ''
  if (asked === '') throw invalid('client_id query parameter is required')
  const client_id = parseUuid(asked)
  if (client_id === null) throw invalid('invalid client_id format')
  const { user } = ctx.caller
  await transact(ctx, async (tx) => {
    if (!(await revokeConsent(tx, user.id, client_id)))
      throw new AuthError(404, 'oauth_consent_not_found', 'No active grant found for this client')
    await deleteSessions(tx, user.id, { client_id })
    await audit(ctx, tx, user, 'token_revoked', { oauth_client_id: client_id, action: 'revoke_oauth_grant' })
  })
  return noContent()
}
