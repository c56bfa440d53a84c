// The grants of the token endpoint: a row each, with its flow (RFC 6749 §4).
import type { OAuthFeature } from '../../config/oauth-keys.ts'
import type { Ctx } from '../../context.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { deviceGrant } from './device-code.ts'
import { exchangeAuthorizationCode } from './exchange-authorization-code.ts'
import { exchangeDeviceCode } from './exchange-device-code.ts'
import { exchangeToken, tokenExchangeGrant } from './exchange-token.ts'
import { grantClientCredentials } from './grant-client-credentials.ts'
import { isOn } from './oauth-client.ts'
import { refreshClientTokens } from './refresh-client-tokens.ts'
import type { GrantFlow } from './token-request.ts'

interface TokenGrant {
  /** What must be on for it; the recorded grants are always. */
  feature?: OAuthFeature
  /** Whether it is for clients that an administrator made alone, and not for those that registered themselves. */
  by_administrators?: boolean
  flow: GrantFlow
}

/** Grants by the value of `grant_type`. */
const grants: Readonly<Record<string, TokenGrant>> = {
  authorization_code: { flow: exchangeAuthorizationCode },
  refresh_token: { flow: refreshClientTokens },
  client_credentials: { feature: 'client_credentials', by_administrators: true, flow: grantClientCredentials },
  [tokenExchangeGrant]: { feature: 'token_exchange', by_administrators: true, flow: exchangeToken },
  [deviceGrant]: { feature: 'device', flow: exchangeDeviceCode },
}

/** The names of the grants that are on, for clients of a type or for any. */
export const grantsOf = (ctx: Ctx, type: OAuthClient['registration_type'] = 'manual'): string[] =>
  Object.entries(grants).flatMap(([name, { feature, by_administrators }]) =>
    (feature === undefined || isOn(ctx, feature)) && !(by_administrators && type === 'dynamic') ? [name] : [],
  )

/** The flow of a grant that is on and that the client may use; null otherwise. */
export function grantFlow(ctx: Ctx, { grant_types, registration_type }: OAuthClient, name: string): GrantFlow | null {
  const isAllowed = grant_types.split(',').includes(name) && grantsOf(ctx, registration_type).includes(name)
  return isAllowed && Object.hasOwn(grants, name) ? (grants[name]?.flow ?? null) : null
}
