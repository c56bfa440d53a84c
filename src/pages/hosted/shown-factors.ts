// The second factors that somebody can show here, the quickest first.
import { listByAge } from '../list-of.ts'
import type { PersonCtx } from '../page.ts'

/** A second factor as the page shows it; recovery codes count as one, with the id `recovery`. */
export interface ShownFactor {
  id: string
  kind: 'totp' | 'phone' | 'webauthn' | 'recovery'
  /** What the person called it. */
  name: string
  /** The last digits of a phone number. */
  digits: string
}

const order = ['totp', 'webauthn', 'phone'] as const

/** Verified factors whose kind is switched on. */
export async function shownFactors(ctx: PersonCtx): Promise<ShownFactor[]> {
  const { config, person } = ctx
  const enabled = {
    totp: config.mfa_totp_verify_enabled,
    phone: config.mfa_phone_verify_enabled,
    webauthn: config.mfa_web_authn_verify_enabled,
  }
  const own = listByAge(person.user.factors)
  const factors = order
    .filter((kind) => enabled[kind])
    .flatMap((kind) =>
      own
        .filter(({ factor_type, status }) => factor_type === kind && status === 'verified')
        .map(({ id, friendly_name, phone }) => ({
          id: String(id),
          kind,
          name: String(friendly_name ?? ''),
          digits: String(phone ?? '').slice(-2),
        })),
    )
  return [...factors, ...(await recoveryCodes(ctx))]
}

async function recoveryCodes(ctx: PersonCtx): Promise<ShownFactor[]> {
  if (!ctx.config.mfa_recovery_codes_verify_enabled) return []
  const { ok, body } = await ctx.api('GET', '/factors/recovery-codes', { as: ctx.person.token })
  return ok && Object(body).remaining > 0 ? [{ id: 'recovery', kind: 'recovery', name: '', digits: '' }] : []
}

/** The factor that the address names, else the first. */
export const chosenFactor = (ctx: PersonCtx, factors: readonly ShownFactor[]): ShownFactor | undefined =>
  factors.find(({ id }) => id === ctx.query.get('factor')) ?? factors[0]
