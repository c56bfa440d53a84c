// GET and DELETE /admin/sso/providers: the identity providers of companies, one of them, and its removal.
import type { AdminCtx, SsoProviderCtx } from '../../../context.ts'
import { json, type Reply } from '../../../reply.ts'
import { releaseScimUsers } from '../../../storage/scim-users.ts'
import { findSsoProviders, deleteSsoProvider as removeSsoProvider } from '../../../storage/sso-providers.ts'
import { presentSsoProvider } from './sso-provider.ts'

/** Answers with all, or those whose id in another system is `resource_id` or begins with `resource_id_prefix`. */
export async function listSsoProviders({ db, query }: AdminCtx): Promise<Reply> {
  const resource_id = query.get('resource_id')
  const resource_id_prefix = query.get('resource_id_prefix')
  const found = await findSsoProviders(db, {
    ...(resource_id && { resource_id }),
    ...(!resource_id && resource_id_prefix && { resource_id_prefix }),
  })
  return json({ items: found.map((provider) => presentSsoProvider(provider, { listed: true })) })
}

/** Answers with one. */
export const getSsoProvider = ({ sso_provider }: SsoProviderCtx): Reply => json(presentSsoProvider(sso_provider))

/** Answers with the provider as it was; the accounts of its people stay. */
export async function deleteSsoProvider({ db, sso_provider }: SsoProviderCtx): Promise<Reply> {
  await db.transaction(async (tx) => {
    await releaseScimUsers(tx, sso_provider.id)
    await removeSsoProvider(tx, sso_provider.id)
  })
  return json(presentSsoProvider(sso_provider))
}
