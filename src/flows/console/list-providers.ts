// GET /console/providers: the ways to sign in with others, whether each can be used, and the address to enter there.
import { callbackAddress, customCallbackAddress } from '../../config/callback-address.ts'
import { providerNames } from '../../config/families.ts'
import type { AdminCtx } from '../../context.ts'
import { oauth1Provider, providers } from '../../providers/registry.ts'
import { json, type Reply } from '../../reply.ts'
import { shownAddress } from './shown-value.ts'

/** Answers with every provider of the registry. */
export function listProviders(ctx: AdminCtx): Reply {
  const { config } = ctx
  const rows = providerNames.map((name) => {
    const { enabled, client_id, secret, redirect_uri, url } = config.external[name]
    return {
      name,
      title: name === oauth1Provider ? 'Twitter (OAuth 1.0a)' : providers[name].title,
      enabled,
      client_ids: client_id,
      has_secret: secret !== '',
      callback: redirect_uri || callbackAddress(config),
      url: shownAddress(url),
      problem: enabled ? ctx.providers.problem(name) : null,
    }
  })
  return json({
    providers: rows,
    custom_enabled: config.custom_oauth_enabled,
    custom_callback: customCallbackAddress(config),
  })
}
