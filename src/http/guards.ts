// Who may call a row of the route table, and what a flow may then rely on: each guard gives its flow a type of context.
import type {
  AccountCtx,
  AccountFactorCtx,
  AdminCtx,
  Ctx,
  FactorCtx,
  FactorsCtx,
  OAuthClientCtx,
  ScimCtx,
  SsoProviderCtx,
  UserCtx,
} from '../context.ts'
import { clientOfPath, requireOAuthServer } from '../flows/oauth-server/oauth-client.ts'
import { factorOfPath, requireFactorsCaller } from '../flows/steps/requests/factor-of-path.ts'
import { requireScimToken } from '../flows/steps/requests/scim-token.ts'
import { ssoProviderOfPath } from '../flows/steps/requests/sso-provider-of-path.ts'
import { userOfPath } from '../flows/steps/requests/user-of-path.ts'
import { requireAdmin, requireUser } from '../flows/steps/sessions/authenticate.ts'

/** The context that a flow gets behind a guard. */
export interface GuardedCtx {
  public: Ctx
  user: UserCtx
  factors: FactorsCtx
  factor: FactorCtx
  admin: AdminCtx
  account: AccountCtx
  account_factor: AccountFactorCtx
  oauth_client: OAuthClientCtx
  sso_provider: SsoProviderCtx
  scim: ScimCtx
}

/** The name of a guard. */
export type Guard = keyof GuardedCtx

/** Lets a request pass, with what it found out about it; or throws. */
export const guards: { [Name in Guard]: (ctx: Ctx) => Promise<GuardedCtx[Name]> } = {
  public: async (ctx) => ctx,
  // Set as soon as it is known, since ctx.aud depends on the caller.
  user: async (ctx) => Object.assign(ctx, { caller: await requireUser(ctx) }),
  factors: async (ctx) => Object.assign(ctx, { caller: requireFactorsCaller((await guards.user(ctx)).caller) }),
  async factor(ctx) {
    const guarded = await guards.factors(ctx)
    return Object.assign(guarded, { factor: factorOfPath(ctx, guarded.caller.user) })
  },
  admin: async (ctx) => Object.assign(ctx, { admin: await requireAdmin(ctx) }),
  async account(ctx) {
    const guarded = await guards.admin(ctx)
    return Object.assign(guarded, { account: await userOfPath(ctx) })
  },
  async account_factor(ctx) {
    const guarded = await guards.account(ctx)
    return Object.assign(guarded, { factor: factorOfPath(ctx, guarded.account) })
  },
  async oauth_client(ctx) {
    const guarded = await guards.admin(ctx)
    requireOAuthServer(ctx)
    return Object.assign(guarded, { oauth_client: await clientOfPath(ctx) })
  },
  async sso_provider(ctx) {
    const guarded = await guards.admin(ctx)
    return Object.assign(guarded, { sso_provider: await ssoProviderOfPath(ctx) })
  },
  scim: async (ctx) => Object.assign(ctx, { scim: await requireScimToken(ctx) }),
}
