// Table auth.mfa_factors: second factors of an account.

/** A row of auth.mfa_factors as it is read with its account. */
export interface Factor {
  id: string
  user_id: string
  friendly_name: string | null
  factor_type: 'totp' | 'webauthn' | 'phone'
  status: 'unverified' | 'verified'
  created_at: string
  updated_at: string
  phone: string | null
  last_challenged_at: string | null
  web_authn_aaguid: string | null
  last_webauthn_challenge_data: unknown
}

/** Whether a verified second factor is among them. */
export const hasVerifiedFactor = (factors: readonly Factor[]): boolean =>
  factors.some((factor) => factor.status === 'verified')
