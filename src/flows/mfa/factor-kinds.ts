// Every kind of second factor.
import type { Factor } from '../../storage/factors.ts'
import type { FactorKind } from './factor-kind.ts'
import { phoneFactor } from './phone-factor.ts'
import { totpFactor } from './totp-factor.ts'
import { webauthnFactor } from './webauthn-factor.ts'

export const factorKinds: Record<Factor['factor_type'], FactorKind> = {
  totp: totpFactor,
  phone: phoneFactor,
  webauthn: webauthnFactor,
}
