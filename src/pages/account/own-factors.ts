// The second factors of a person as the pages of their account need them.
import { listByAge, listOf } from '../list-of.ts'
import type { PersonCtx } from '../page.ts'

/** A kind of factor that the pages can set up. */
export type FactorType = 'totp' | 'phone' | 'webauthn'

/** A verified factor. */
export interface OwnFactor {
  id: string
  type: FactorType
  name: string
  phone: string
  created_at: string
}

const isType = (type: unknown): type is FactorType => type === 'totp' || type === 'phone' || type === 'webauthn'

/** Factors that count, oldest first; recovery codes are none of them. */
export function ownFactors({ person }: PersonCtx): OwnFactor[] {
  const { factors } = person.user
  return listByAge(factors).flatMap(({ id, factor_type, status, friendly_name, phone, created_at }) => {
    if (status !== 'verified' || !isType(factor_type)) return []
    const [name, number] = [String(friendly_name ?? ''), String(phone ?? '')]
    return [{ id: String(id), type: factor_type, name, phone: number, created_at: String(created_at) }]
  })
}

/** Kinds that are switched on. */
export const factorTypesHere = ({ config }: PersonCtx): FactorType[] => [
  ...(config.mfa_totp_enroll_enabled ? (['totp'] as const) : []),
  ...(config.mfa_phone_enroll_enabled ? (['phone'] as const) : []),
  ...(config.mfa_web_authn_enroll_enabled ? (['webauthn'] as const) : []),
]

/** What a factor is called where its person gave it no name. */
export const factorName = ({ words }: PersonCtx, { type, name }: Pick<OwnFactor, 'type' | 'name'>): string =>
  name || words(`account.factor_${type}`)

/** A name for another factor that none has yet: `Security key`, then `Security key 2`. */
export function freeName(ctx: PersonCtx, type: FactorType): string {
  const listed = ctx.person.user.factors
  const taken = new Set(listOf(listed).map(({ friendly_name }) => String(friendly_name ?? '')))
  const base = ctx.words(`account.factor_${type}`)
  for (let count = 1; ; count++) {
    const name = count === 1 ? base : `${base} ${count}`
    if (!taken.has(name)) return name
  }
}
