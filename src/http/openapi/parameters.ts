// Parameters of queries, paths and headers, and fields of bodies: what each means, written down once for all endpoints.
import { about, anything, flag, oneOf, type Schema, text, uuid, whole } from './schema-words.ts'

/** A parameter of a query or a header; `name` where the wire calls it otherwise than this table. */
export interface Parameter {
  description: string
  schema: Schema
  in?: 'query' | 'header'
  name?: string
  required?: boolean
}

const of = (description: string, schema: Schema = text, more: Omit<Parameter, 'description' | 'schema'> = {}) => ({
  description,
  schema,
  ...more,
})
const ofScim = (name: string, description: string, schema: Schema = text) => of(description, schema, { name })

/** Parameters by the names that operations use. */
export const parameters = {
  redirect_to: of('Where a link or the browser leads in the end; one of the addresses that the server allows.'),
  grant_type: of('How to sign in.', oneOf('password', 'refresh_token', 'pkce', 'id_token', 'web3'), { required: true }),
  type: of('What the link is for.'),
  link_token: of('The token of the link.', text, { name: 'token' }),
  external_provider: of('Name of the provider, such as `google` or `custom:x`.', text, { name: 'provider' }),
  scopes: of('Scopes that the provider is asked for beside the configured ones.'),
  invite_token: of('Token of an invitation that is accepted by signing in with the provider.'),
  code_challenge: of('PKCE (RFC 7636 §4.2).'),
  code_challenge_method: of('PKCE: `s256`, or `plain` where the server takes it.'),
  skip_http_redirect: of('`true` answers with the address in place of a redirect.'),
  state: of('Comes back as it was sent.'),
  code: of('The code of the provider.'),
  error: of('Why the provider refuses.'),
  error_description: of('The same in a sentence.'),
  logout_scope: of('Which sessions end.', oneOf('global', 'local', 'others'), { name: 'scope' }),
  client_id: of('Id of the application.'),
  redirect_uri: of('Where the code is sent: one of the addresses of the application, letter by letter.'),
  request_uri: of('Name of a request that was pushed (RFC 9126 §4).'),
  response_type: of('`code`, which it is without.'),
  oauth_scope: of('What the application asks for, separated by spaces.', text, { name: 'scope' }),
  nonce: of('Comes back in the ID token.'),
  resource: of('For which API (RFC 8707).'),
  prompt: of('`none`, `login` or `consent` (OpenID Connect Core 1.0 §3.1.2.1).'),
  max_age: of('Seconds since the person signed in at most.'),
  id_token_hint: of('An ID token of the session that ends.'),
  post_logout_redirect_uri: of('Where the browser goes then.'),
  download: of('`true` gives a file that is valid for years.'),

  page: of('Number of the page, from 1.', whole),
  per_page: of('Entries on a page; 50 without.', whole),
  cursor: of('Place in the list behind which the page begins; empty for its beginning.'),
  limit: of('Entries on a page by cursor; 50 without, at most 1000.', whole),
  filter: of('A part of the address or of the name.'),
  sort: of('`created_at asc` or `created_at desc`.'),
  order_by: of('`created_at`, `last_sign_in_at` or `email`, and `asc` or `desc` after a space.'),
  email: of('The account with this address.'),
  phone: of('The account with this number.'),
  id: of('The accounts with these ids.', { type: 'array', items: uuid }),
  q: of('What an address, number, name or id begins with.'),
  provider: of('Accounts with an identity of this provider.'),
  banned: of('Whether they are banned.', flag),
  confirmed: of('Whether an address is proved.', flag),
  anonymous: of('Whether they are anonymous.', flag),
  count: of('`true` counts the accounts; a number is how far at most.'),
  created_after: of('Not before this date or time.'),
  created_before: of('Before this date or time.'),
  last_sign_in_after: of('Signed in not before this date or time.'),
  last_sign_in_before: of('Signed in last before this date or time.'),
  audit_query: of('`author:`, `action:` or `type:` and a part of it.', text, { name: 'query' }),
  user: of('What this account did, and what was done to it.', uuid),
  action: of('Name of the action, such as `login`.'),
  address: of('The IP address that it was done from.'),
  resource_id: of('The provider with this id of yours.'),
  resource_id_prefix: of('Providers whose id of yours begins so.'),
  provider_type: of('Kind of the provider.', oneOf('oauth2', 'oidc'), { name: 'type' }),

  scim_filter: ofScim('filter', 'Which (RFC 7644 §3.4.2.2).'),
  scim_sortBy: ofScim('sortBy', 'By which attribute.'),
  scim_sortOrder: ofScim('sortOrder', 'In which order.', oneOf('ascending', 'descending')),
  scim_startIndex: ofScim('startIndex', 'Number of the first, from 1.', whole),
  scim_count: ofScim('count', 'How many at most.', whole),
  scim_attributes: ofScim('attributes', 'Which attributes are shown, separated by commas.'),
  scim_excludedAttributes: ofScim('excludedAttributes', 'Which attributes are not shown, separated by commas.'),
  'if-match': of('Version that is to be changed.', text, { in: 'header', name: 'If-Match' }),
  'if-none-match': of('Version that is known already.', text, { in: 'header', name: 'If-None-Match' }),
} satisfies Record<string, Parameter>

/** How operations name a parameter. */
export type ParameterName = keyof typeof parameters

/** Parameters of paths. */
export const pathParameters: Readonly<Record<string, Omit<Parameter, 'in' | 'name'>>> = {
  user_id: of('Id of the account.', uuid),
  session_id: of('Id of the session.', uuid),
  identity_id: of('`identity_id` of the identity.', uuid),
  factor_id: of('Id of the factor.', uuid),
  passkey_id: of('Id of the passkey.', uuid),
  provider_id: of('Id of the provider, or `resource_` and your own id of it.'),
  token_id: of('Id of the token.', uuid),
  authorization_id: of('Id of what was asked for.'),
  client_id: of('Id of the application.', uuid),
  identifier: of('`custom:` and the name of the provider.'),
  id: of('Id of the resource.', uuid),
  name: of('Name of the kind of resource.'),
  urn: of('URN of the schema.'),
}

/** Fields of bodies that say more than that they are a text: what they mean, or what they hold. */
export const bodyFields: Readonly<Record<string, Schema>> = {
  email: about(text, 'E-mail address.'),
  phone: about(text, 'Phone number (E.164).'),
  password: about(text, 'At most 72 bytes.'),
  data: about(anything, 'Becomes, or is merged into, `user_metadata`; null removes a member.'),
  user_metadata: about(anything, 'Merged into what is there; null removes a member.'),
  app_metadata: about(anything, 'Merged into what is there; null removes a member.'),
  channel: about(text, '`sms` or `whatsapp`.'),
  create_user: about(flag, 'Whether an unknown address gets an account; it does without.'),
  code_challenge: about(text, 'PKCE (RFC 7636 §4.2).'),
  code_challenge_method: about(text, 'PKCE: `s256`, or `plain` where the server takes it.'),
  auth_code: about(text, 'The code that the browser came back with.'),
  code_verifier: about(text, 'PKCE (RFC 7636 §4.1).'),
  nonce: about(text, 'Proof of who asks; in sign-in by an ID token the value that is in the token as a hash.'),
  ban_duration: about(text, 'Such as `24h` or `1h30m`; `none` lifts the ban.'),
  email_confirm: about(flag, 'Whether the address counts as proved.'),
  phone_confirm: about(flag, 'Whether the number counts as proved.'),
  password_hash: about(text, 'In place of a password: bcrypt, argon2 or firebase scrypt.'),
  should_soft_delete: about(flag, 'Keeps the row, and removes what says who it was.'),
  factor_type: about(text, '`totp`, `phone` or `webauthn`.'),
  trust_device: about(flag, 'Whether this device is spared the second factor from now on.'),
  credential: about(anything, 'What the browser made, as JSON.'),
  credential_response: about(anything, 'What the browser made, as JSON.'),
  attribute_mapping: about(anything, 'Which claim comes from which attribute.'),
  authorization_params: about(anything, 'Further parameters that the provider is asked with.'),
  metadata_xml: about(text, 'SAML metadata, where no address gives it.'),
  metadata_url: about(text, 'Address of SAML metadata (https).'),
  expires_in: about(whole, 'Seconds.'),
  jwks: about(anything, 'Public keys (RFC 7517).'),
  jwks_uri: about(text, 'Address of public keys.'),
  scope: about(text, 'Separated by spaces.'),
  dpop_bound_access_tokens: flag,
  require_pushed_authorization_requests: flag,
  post_logout_redirect_uris: { type: 'array', items: text },
  backchannel_logout_uri: text,
  backchannel_logout_session_required: flag,
  introspects_all: about(flag, 'Whether it may ask about tokens of others; only administrators give it.'),
  user_code: about(text, 'The code that the device shows.'),
  action: about(text, '`approve` or `deny`.'),
}

/** The field that a captcha is sent in. */
export const captchaField: Schema = about(
  { type: 'object', properties: { captcha_token: text } },
  'What the captcha gave, where the server asks for one.',
)
