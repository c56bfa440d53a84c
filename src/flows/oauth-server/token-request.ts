// What an application sends to the token endpoint, and what a grant makes of it (RFC 6749 §4, §5).
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { OAuthError } from '../../errors.ts'
import type { OAuthClient } from '../../storage/oauth-clients.ts'
import { text } from '../steps/requests/fields.ts'

/** How a client proves itself in a body. */
export const clientCredentials = {
  client_id: text,
  client_secret: text,
  client_assertion: text,
  client_assertion_type: text,
}

/** The fields of all grants. */
export const clientTokenBody = z.object({
  grant_type: text,
  ...clientCredentials,
  code: text,
  redirect_uri: text,
  code_verifier: text,
  resource: text,
  scope: text,
  device_code: text,
  refresh_token: text,
  subject_token: text,
  subject_token_type: text,
  actor_token: text,
  requested_token_type: text,
  requested_subject: text,
  audience: text,
})

/** What is asked about one token, or done with it. */
export const tokenBody = z.object({ ...clientCredentials, token: text, token_type_hint: text })

/** A request for tokens of a client that is who it says it is. */
export interface TokenRequest {
  client: OAuthClient
  body: z.infer<typeof clientTokenBody>
  /** Thumbprint of the key that the tokens are bound to (RFC 9449 §6.1); null for bearers' tokens. */
  jkt: string | null
}

/** What a grant answers with. */
export interface ClientTokens {
  access_token: string
  expires_in: number
  refresh_token?: string
  id_token?: string
  scope?: string
  [more: string]: unknown
}

/** The flow of a grant. */
export type GrantFlow = (ctx: Ctx, request: TokenRequest) => Promise<ClientTokens>

/** 400 invalid_grant. */
export const invalidGrant = (description: string): OAuthError => new OAuthError('invalid_grant', description)

/** 400 invalid_request. */
export const invalidRequest = (description: string): OAuthError => new OAuthError('invalid_request', description)
