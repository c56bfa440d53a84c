// The challenge that begins a PKCE flow (RFC 7636 §4.2).
import { invalid } from '../../../errors.ts'

/** A checked challenge. */
export interface PkceChallenge {
  code_challenge: string
  code_challenge_method: 's256' | 'plain'
  /** What the exchange of its code is recorded as, where that is not the kind of mail. */
  provider_type?: string
}

/**
 * The challenge of a request, or null when it uses none.
 * @throws AuthError 400 validation_failed
 */
export function readPkceChallenge(fields: {
  code_challenge: string
  code_challenge_method: string
}): PkceChallenge | null {
  const { code_challenge, code_challenge_method } = fields
  if (code_challenge === '' && code_challenge_method === '') return null
  if (code_challenge === '' || code_challenge_method === '')
    throw invalid('PKCE flow requires code_challenge_method and code_challenge')
  if (code_challenge.length < 43 || code_challenge.length > 128)
    throw invalid('code challenge has to be between 43 and 128 characters')
  if (!/^[a-zA-Z._~0-9-]+$/.test(code_challenge))
    throw invalid('code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes')
  const method = code_challenge_method.toLowerCase()
  if (method !== 's256' && method !== 'plain') throw invalid('Invalid code_challenge_method')
  return { code_challenge, code_challenge_method: method }
}
