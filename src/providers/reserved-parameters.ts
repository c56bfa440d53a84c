// Parameters of an authorization request that sign-in itself sets (RFC 6749 §4.1.1, RFC 7636 §4.3).

/** Names that neither a caller nor an administrator may choose the value of. */
export const reservedParameters: ReadonlySet<string> = new Set([
  ...['client_id', 'client_secret', 'redirect_uri', 'response_type', 'state'],
  ...['code_challenge', 'code_challenge_method', 'code_verifier'],
])
