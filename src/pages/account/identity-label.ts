// What an account elsewhere is called: its provider, somebody's organization, or a wallet.

import type { PageCtx } from '../page.ts'
import { providerLabel } from '../parts/ways.ts'

/** The name of an identity's provider as people know it. */
export function identityLabel({ words }: Pick<PageCtx, 'words'>, provider: string): string {
  if (provider.startsWith('sso:')) return capital(words('account.way_organization'), words.locale)
  return provider === 'web3' ? capital(words('account.way_wallet'), words.locale) : providerLabel(provider)
}

const capital = (text: string, locale: string): string => text.slice(0, 1).toLocaleUpperCase(locale) + text.slice(1)
