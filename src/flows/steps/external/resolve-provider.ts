// The provider that a request names: one of the registry, or one that an administrator added.
import { customCallbackAddress } from '../../../config/callback-address.ts'
import type { Ctx } from '../../../context.ts'
import { invalid } from '../../../errors.ts'
import type { CustomProviderSettings } from '../../../providers/custom-provider.ts'
import type { SignInProvider } from '../../../providers/engine.ts'
import { providerName } from '../../../providers/registry.ts'
import { type CustomProvider, findCustomProvider } from '../../../storage/custom-providers.ts'
import { isPagesProvider, pagesProvider } from './pages-provider.ts'

/** Whether a name is that of an administrator's provider. */
export const isCustomName = (name: string): boolean => name.toLowerCase().startsWith('custom:')

/** Identifiers that the table can hold. */
export const identifierForm = /^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$/

/** An administrator's provider by the name of a request, in whatever case; null for none. */
export async function findCustomByName(ctx: Ctx, name: string): Promise<CustomProvider | null> {
  const identifier = name.toLowerCase()
  return identifierForm.test(identifier) ? findCustomProvider(ctx.db, identifier) : null
}

/** The settings of an administrator's provider as it is used, with its secret in clear. */
function customSettings(ctx: Ctx, row: CustomProvider): CustomProviderSettings {
  return {
    ...row,
    client_secret: ctx.column_cipher.decrypt(row.client_secret, row.id),
    redirect_uri: customCallbackAddress(ctx.config),
  }
}

/**
 * The provider that signs people in.
 * @throws AuthError 400 validation_failed `Unsupported provider: …`
 */
export async function resolveProvider(ctx: Ctx, name: string): Promise<SignInProvider> {
  const unsupported = (why: string) => invalid(`Unsupported provider: ${why}`)
  if (isPagesProvider(ctx.config, name)) return pagesProvider(ctx.config)
  if (isCustomName(name)) {
    const identifier = name.toLowerCase()
    if (!ctx.config.custom_oauth_enabled) throw unsupported('custom OAuth providers are disabled')
    const row = await findCustomByName(ctx, name)
    if (!row) throw unsupported(`custom provider ${identifier} not found`)
    if (!row.enabled) throw unsupported(`custom provider ${identifier} is disabled`)
    return ctx.providers.custom(customSettings(ctx, row))
  }
  const known = providerName(name)
  if (known === null) throw unsupported(`Provider ${name} could not be found`)
  const problem = ctx.providers.problem(known)
  if (problem !== null) throw unsupported(problem)
  return ctx.providers.builtIn(known)
}
