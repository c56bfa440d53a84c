// The ways in which a session was opened and raised, in words.
import type { PageCtx } from '../page.ts'

/** Words for the methods of `amr`. */
const ways = {
  password: 'account.way_password',
  otp: 'account.way_code',
  magiclink: 'account.way_link',
  recovery: 'account.way_link',
  invite: 'account.way_link',
  email_change: 'account.way_link',
  'email/signup': 'account.way_link',
  oauth: 'account.way_provider',
  'sso/saml': 'account.way_organization',
  web3: 'account.way_wallet',
  passkey: 'account.way_passkey',
  anonymous: 'account.way_guest',
  totp: 'account.way_totp',
  'mfa/phone': 'account.way_sms',
  'mfa/webauthn': 'account.way_key',
  'mfa/recovery_code': 'account.way_recovery',
  trusted_device: 'account.way_trusted',
} as const

const isKnown = (method: string): method is keyof typeof ways => Object.hasOwn(ways, method)

/** The methods of a session as a list in the reader's language; those that nobody has words for are left out. */
export function wayWords({ words }: PageCtx, methods: readonly unknown[]): string {
  const texts = methods
    .map(String)
    .filter(isKnown)
    .map((method) => words(ways[method]))
  return new Intl.ListFormat(words.locale).format([...new Set(texts)])
}
