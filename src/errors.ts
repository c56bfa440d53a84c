// What a request can fail with: one class, and the codes that an answer can carry.

/** The values of `error_code`, as the reference sends them. */
export const errorCodes = [
  'anonymous_provider_disabled',
  'bad_code_verifier',
  'bad_json',
  'bad_jwt',
  'bad_oauth_callback',
  'bad_oauth_state',
  'captcha_failed',
  'conflict',
  'current_password_invalid',
  'current_password_required',
  'custom_provider_not_found',
  'email_address_invalid',
  'email_address_not_authorized',
  'email_conflict_identity_not_deletable',
  'email_exists',
  'email_not_confirmed',
  'email_provider_disabled',
  'feature_disabled',
  'flow_state_already_used',
  'flow_state_expired',
  'flow_state_not_found',
  'hook_payload_invalid_content_type',
  'hook_payload_over_size_limit',
  'hook_timeout',
  'hook_timeout_after_retry',
  'identity_already_exists',
  'identity_not_found',
  'insufficient_aal',
  'invalid_credentials',
  'invite_not_found',
  'manual_linking_disabled',
  'no_authorization',
  'not_admin',
  'oauth_authorization_not_found',
  'oauth_client_not_found',
  'oauth_client_state_expired',
  'oauth_client_state_not_found',
  'oauth_consent_not_found',
  'oauth_dynamic_client_registration_disabled',
  'oauth_invalid_state',
  'oauth_provider_not_supported',
  'mfa_challenge_expired',
  'mfa_factor_name_conflict',
  'mfa_factor_not_found',
  'mfa_ip_address_mismatch',
  'mfa_phone_enroll_not_enabled',
  'mfa_phone_verify_not_enabled',
  'mfa_recovery_codes_enroll_not_enabled',
  'mfa_required',
  'mfa_recovery_codes_locked',
  'mfa_recovery_codes_sole_factor',
  'mfa_recovery_codes_verify_not_enabled',
  'mfa_totp_enroll_not_enabled',
  'mfa_totp_verify_not_enabled',
  'mfa_verification_failed',
  'mfa_verification_rejected',
  'mfa_verified_factor_exists',
  'mfa_webauthn_enroll_not_enabled',
  'mfa_webauthn_verify_not_enabled',
  'too_many_enrolled_mfa_factors',
  'too_many_passkeys',
  'otp_disabled',
  'otp_expired',
  'over_custom_provider_quota',
  'over_email_send_rate_limit',
  'over_request_rate_limit',
  'over_sms_send_rate_limit',
  'passkey_disabled',
  'phone_exists',
  'phone_not_confirmed',
  'phone_provider_disabled',
  'provider_consent_withdrawn',
  'provider_disabled',
  'provider_email_needs_verification',
  'provider_token_expired',
  'provider_token_not_found',
  'reauthentication_needed',
  'reauthentication_not_valid',
  'refresh_token_already_used',
  'refresh_token_not_found',
  'request_entity_too_large',
  'request_timeout',
  'same_password',
  'saml_assertion_no_email',
  'saml_assertion_no_user_id',
  'saml_idp_not_found',
  'saml_provider_disabled',
  'saml_relay_state_expired',
  'saml_relay_state_not_found',
  'service_unavailable',
  'session_expired',
  'session_not_found',
  'saml_entity_id_mismatch',
  'saml_idp_already_exists',
  'saml_metadata_fetch_failed',
  'signup_disabled',
  'scim_token_not_found',
  'sso_domain_already_exists',
  'sso_provider_disabled',
  'sso_provider_not_found',
  'single_identity_not_deletable',
  'sms_send_failed',
  'unexpected_audience',
  'unexpected_failure',
  'user_already_exists',
  'user_banned',
  'user_not_found',
  'user_sso_managed',
  'validation_failed',
  'weak_password',
  'web3_provider_disabled',
  'web3_unsupported_chain',
  'webauthn_challenge_expired',
  'webauthn_challenge_not_found',
  'webauthn_credential_exists',
  'webauthn_verification_failed',
] as const

/** A code, or `''` for an error without a code of its own. */
export type ErrorCode = '' | (typeof errorCodes)[number]

/** Further parts of an error answer. */
export interface ErrorDetails {
  /** What caused it; goes to the log and, for errors an application's own SQL raised, to the answer. */
  cause?: unknown
  /** Seconds for `Retry-After`. */
  retry_after?: number
  /** Further response headers. */
  headers?: Record<string, string>
  /** Reasons of `weak_password`. */
  reasons?: string[]
  /** What kind of error it is to SCIM (RFC 7644 §3.12). */
  scim_type?: ScimType
}

/** Kinds of errors that SCIM has names for (RFC 7644 §3.12). */
export type ScimType =
  | 'invalidFilter'
  | 'invalidPath'
  | 'invalidSyntax'
  | 'invalidValue'
  | 'mutability'
  | 'noTarget'
  | 'tooMany'
  | 'uniqueness'

/** A request that cannot be answered as asked: HTTP status, code and message are what the caller sees. */
export class AuthError extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(status: number, code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'AuthError'
    this.status = status
    this.code = code
    this.details = details
  }
}

/** An error in the form of RFC 6749 §5.2: `{ error, error_description }`, status 400 unless another is given. */
export class OAuthError extends Error {
  readonly error: string
  readonly description: string
  readonly status: number
  readonly headers: Record<string, string>

  constructor(
    error: string,
    description: string,
    options: { cause?: unknown; status?: number; headers?: Record<string, string> } = {},
  ) {
    super(description, { cause: options.cause })
    this.name = 'OAuthError'
    this.error = error
    this.description = description
    this.status = options.status ?? 400
    this.headers = options.headers ?? {}
  }
}

/** 400 `validation_failed`, the answer to most bad input. */
export const invalid = (message: string): AuthError => new AuthError(400, 'validation_failed', message)

/** 503 with Retry-After: something this server needs is out of reach, and a retry may succeed. */
export const unavailable = (cause: unknown, retry_after = 5): AuthError =>
  new AuthError(503, 'service_unavailable', 'The service is temporarily unavailable, please retry after a moment.', {
    cause,
    retry_after,
  })

/** 500 for what nobody foresaw: only the log knows more of it (security rule 10). */
export const unexpected = (cause?: unknown): AuthError =>
  new AuthError(500, 'unexpected_failure', 'Unexpected failure, please check server logs for more information', {
    cause,
  })
