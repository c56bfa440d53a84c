// POST /sso/saml/logout: ends the caller's session here, and tells how to end the one at the provider of their company.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { UserCtx } from '../../context.ts'
import { logoutRequest, logoutService, type Sent } from '../../providers/saml/logout-message.ts'
import { json, type Reply } from '../../reply.ts'
import { insertSamlAttempt } from '../../storage/saml-relay-states.ts'
import { findSamlSession, type SamlSession } from '../../storage/saml-sessions.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { findSsoProviders } from '../../storage/sso-providers.ts'
import { audit } from '../steps/records/audit.ts'
import { text } from '../steps/requests/fields.ts'
import { transact } from '../steps/transact.ts'
import { newLogoutId } from './logout-id.ts'
import { metadataOf, requireSaml } from './saml-provider.ts'

export const ssoLogoutBody = z.object({ redirect_to: text })

/** Answers with `url` to send the browser to, beside it `form` where it must be sent as one; `{}` where there is no more to end. */
export async function logOutOfSso(ctx: UserCtx, body: z.infer<typeof ssoLogoutBody>): Promise<Reply> {
  const { user, session } = ctx.caller
  const names = session ? await findSamlSession(ctx.db, session.id) : null
  const prepared = names ? await prepare(ctx, names, body.redirect_to) : null
  await transact(ctx, async (tx) => {
    if (session) await deleteSessions(tx, user.id, { only: session.id })
    await audit(ctx, tx, user, 'logout')
    if (prepared) await insertSamlAttempt(tx, prepared.attempt)
  })
  if (!prepared) return json({})
  const { address, form } = prepared.sent
  return json({ url: address, ...(form && { form }) })
}

async function prepare(ctx: UserCtx, names: SamlSession, redirect_to: string) {
  const [provider] = await findSsoProviders(ctx.db, { id: names.sso_provider_id })
  if (!provider || names.name_id === '') return null
  const service = logoutService((await metadataOf(ctx, provider)).logout_services)
  if (!service) return null
  const [id, relay_state] = [newLogoutId(ctx), randomUUID()]
  const { name_id: value, name_id_more: more, session_index } = names
  const name = { value, ...more }
  const sent: Sent = logoutRequest(requireSaml(ctx), {
    id,
    service,
    name,
    session_index,
    relay_state,
    now_ms: ctx.now(),
  })
  return {
    sent,
    attempt: { id: relay_state, sso_provider_id: provider.id, request_id: id, redirect_to, flow_id: null },
  }
}
