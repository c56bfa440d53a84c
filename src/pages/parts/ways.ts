// The ways to sign in that the configuration offers, as the pages show them.
import { type ProviderName, providerNames } from '../../config/families.ts'
import { mayPagesAsk } from '../../config/relying-party.ts'
import { providers } from '../../providers/registry.ts'
import type { PageCtx } from '../page.ts'

/** A provider with the name that people know it by. */
export interface ProviderWay {
  name: string
  label: string
}

/** Names that people know better than the title of the registry. */
const labels: Partial<Record<ProviderName, string>> = {
  azure: 'Microsoft',
  fly: 'Fly.io',
  linkedin_oidc: 'LinkedIn',
  slack_oidc: 'Slack',
  twitter: 'Twitter',
  vercel_marketplace: 'Vercel',
}

const titles: Readonly<Record<string, { title: string }>> = providers

/** The name of a provider as people know it. */
export function providerLabel(name: string): string {
  const title = Object.hasOwn(titles, name) ? titles[name]?.title : undefined
  return (Object.hasOwn(labels, name) ? labels[name as ProviderName] : title) ?? name.replace(/^custom:/, '')
}

/** What is switched on. */
export interface Ways {
  email: boolean
  phone: boolean
  /** Whether a mail or message can sign in, besides a password. */
  code: boolean
  sign_up: boolean
  anonymous: boolean
  passkey: boolean
  wallets: readonly ('ethereum' | 'solana')[]
  providers: readonly ProviderWay[]
  /** Whether people of companies sign in through theirs. */
  organization: boolean
}

/** What people may sign in with. */
export function waysOf({ config }: Pick<PageCtx, 'config'>): Ways {
  const email = config.external_email_enabled
  const phone = config.external_phone_enabled
  const sign_up = !config.disable_signup
  return {
    email,
    phone,
    code: phone || (email && config.external_email_magic_link_enabled),
    sign_up,
    anonymous: config.external_anonymous_users_enabled && sign_up,
    passkey: config.passkey_enabled && mayPagesAsk(config),
    wallets: [
      ...(config.external_web3_ethereum_enabled ? (['ethereum'] as const) : []),
      ...(config.external_web3_solana_enabled ? (['solana'] as const) : []),
    ],
    providers: providerNames
      .filter((name) => config.external[name].enabled)
      .map((name) => ({ name, label: providerLabel(name) })),
    organization: config.saml_enabled,
  }
}

/** The same with the providers that administrators added. */
export async function allWaysOf(ctx: PageCtx): Promise<Ways> {
  const ways = waysOf(ctx)
  const { body } = await ctx.api('GET', '/pages/providers')
  const added: ProviderWay[] = Object(body).providers ?? []
  return { ...ways, providers: [...ways.providers, ...added] }
}
