// What the document tells of every endpoint, by method and path: names, summaries, parameters, answers.
import { away, empty, media, type Operation, scim, type Tag } from './operation.ts'

type Untagged = Omit<Operation, 'tag'>

const of = (
  id: string,
  summary: string,
  answers: Operation['answers'],
  more: Omit<Untagged, 'id' | 'summary' | 'answers'> = {},
): Untagged => ({ id, summary, answers, ...more })

const oauth = ['OAuthError'] as const
const redirect = ['redirect_to'] as const
const asked = ['user', 'action', 'address', 'created_after', 'created_before', 'cursor', 'limit'] as const
const accounts = [
  'email',
  'phone',
  'id',
  'q',
  'provider',
  'banned',
  'confirmed',
  'anonymous',
  'count',
  'order_by',
] as const
const times = ['created_after', 'created_before', 'last_sign_in_after', 'last_sign_in_before'] as const
const challenge = ['code_challenge', 'code_challenge_method'] as const
const authorization = [
  'response_type',
  'oauth_scope',
  'state',
  'nonce',
  'resource',
  ...challenge,
  'prompt',
  'max_age',
] as const

const server = {
  'GET /health': of('getHealth', 'Whether the process answers', { 200: 'Health' }),
  'GET /health/ready': of('getReadiness', 'Whether the database answers too', {
    200: 'Readiness',
    503: 'Readiness',
  }),
  'GET /settings': of('getSettings', 'What a sign-in page has to offer', { 200: 'Settings' }),
  'GET /.well-known/jwks.json': of('getJwks', 'Public keys that check tokens', { 200: 'Jwks' }),
  'GET /.well-known/openid-configuration': of(
    'getOpenIdConfiguration',
    'This server as an issuer (OpenID Connect Discovery)',
    { 200: 'Issuer' },
  ),
  'GET /.well-known/oauth-authorization-server': of(
    'getAuthorizationServerMetadata',
    'This server as an issuer (RFC 8414)',
    { 200: 'Issuer' },
  ),
  'GET /.well-known/oauth-protected-resource': of(
    'getProtectedResourceMetadata',
    'Which server lets applications in here (RFC 9728)',
    { 200: 'ProtectedResource' },
  ),
} satisfies Record<string, Untagged>

const signIn = {
  'POST /signup': of(
    'signUp',
    'Sign up, or in anonymously without an address and a number',
    { 200: 'SignedUp' },
    { query: redirect },
  ),
  'POST /otp': of('sendOneTimePassword', 'Send a code or a link', { 200: 'Sent' }, { query: redirect }),
  'POST /magiclink': of('sendMagicLink', 'Send a link to sign in by', { 200: 'Sent' }, { query: redirect }),
  'POST /resend': of(
    'resend',
    'Send the same mail or message again',
    { 200: 'Sent' },
    {
      query: redirect,
      needs: ['type'],
    },
  ),
  'POST /recover': of(
    'recoverAccount',
    'Send a link to choose another password by',
    { 200: 'Sent' },
    {
      query: redirect,
      needs: ['email'],
    },
  ),
  'POST /token': of(
    'issueToken',
    'Sign in or refresh; the body is that of the grant',
    { 200: 'Session' },
    { query: ['grant_type'], errors: oauth },
  ),
  'GET /verify': of(
    'verifyLink',
    'Follow a mailed link',
    { 200: media('text/html'), 204: empty, 303: away },
    { query: ['link_token', 'type', 'redirect_to'] },
  ),
  'POST /verify': of(
    'verifyCode',
    'Prove an address or a number by a code',
    { 200: 'Verified' },
    {
      query: redirect,
      needs: ['type'],
    },
  ),
  'POST /verify/confirm': of(
    'confirmLink',
    'The button of the page that a mailed link may lead to',
    { 303: away },
    { needs: ['type', 'token'] },
  ),
  'GET /authorize': of(
    'authorize',
    'Begin to sign in with a provider; other parameters are handed on to it',
    { 302: away },
    { query: ['external_provider', 'scopes', 'redirect_to', 'invite_token', ...challenge] },
  ),
  'GET /callback': of(
    'callback',
    'Come back from a provider',
    { 200: media('text/html'), 302: away, 303: away },
    { query: ['state', 'code', 'error', 'error_description'] },
  ),
  'POST /callback': of('callbackByForm', 'Come back from a provider that posts a form', {
    200: media('text/html'),
    302: away,
    303: away,
  }),
  'POST /callback/link': of('agreeToLink', 'The button of the page that asks before an identity is linked', {
    302: away,
    303: away,
  }),
} satisfies Record<string, Untagged>

const account = {
  'GET /user': of('getUser', 'The signed-in account', { 200: 'User' }),
  'PUT /user': of('updateUser', 'Change the signed-in account', { 200: 'User' }, { query: redirect }),
  'GET /user/sessions': of('listSessions', 'Where the account is signed in', { 200: 'OwnSessions' }),
  'DELETE /user/sessions/:session_id': of('deleteSession', 'Sign a device out, or trust it no more', {
    204: empty,
  }),
  'GET /reauthenticate': of('reauthenticate', 'Send a nonce that proves who asks', { 200: 'Sent' }),
  'POST /logout': of('logOut', 'Sign out', { 204: empty }, { query: ['logout_scope'] }),
  'GET /user/identities/authorize': of(
    'linkIdentity',
    'Begin to link an identity of a provider',
    { 200: 'Address', 302: away },
    { query: ['external_provider', 'scopes', 'redirect_to', 'skip_http_redirect', ...challenge] },
  ),
  'DELETE /user/identities/:identity_id': of('unlinkIdentity', 'Unlink an identity', { 200: 'Nothing' }),
  'GET /user/identities/:identity_id/token': of(
    'getProviderToken',
    'The access token of the provider of an identity, fresh',
    { 200: 'ProviderToken' },
  ),
  'GET /user/oauth/grants': of('listGrants', 'Applications that the person has let in', { 200: 'Grants' }),
  'DELETE /user/oauth/grants': of(
    'revokeGrant',
    'Let an application in no more',
    { 204: empty },
    {
      query: ['client_id'],
    },
  ),
} satisfies Record<string, Untagged>

const factors = {
  'POST /factors': of(
    'enrollFactor',
    'Begin to add a factor',
    { 200: 'EnrolledFactor' },
    {
      needs: ['factor_type'],
    },
  ),
  'DELETE /factors/:factor_id': of('unenrollFactor', 'Remove a factor', { 200: 'Id' }),
  'POST /factors/:factor_id/challenge': of('challengeFactor', 'Ask for a proof of a factor', {
    200: 'FactorChallenge',
  }),
  'POST /factors/:factor_id/verify': of(
    'verifyFactor',
    'Answer a challenge; the session is aal2 from then on',
    { 200: 'Session' },
    { needs: ['challenge_id'] },
  ),
  'GET /factors/recovery-codes': of('countRecoveryCodes', 'How many recovery codes are left', {
    200: 'RecoveryCodeCount',
  }),
  'POST /factors/recovery-codes': of('generateRecoveryCodes', 'Make recovery codes', {
    200: 'RecoveryCodes',
  }),
  'POST /factors/recovery-codes/verify': of(
    'verifyRecoveryCode',
    'Show a recovery code in the place of the factor',
    { 200: 'RecoveredSession' },
    { needs: ['code'] },
  ),
  'POST /factors/recovery-codes/regenerate': of(
    'regenerateRecoveryCodes',
    'Make new recovery codes in the place of the old ones',
    { 200: 'RecoveryCodes' },
  ),
  'DELETE /factors/recovery-codes': of('removeRecoveryCodes', 'Remove the recovery codes', {
    200: 'Id',
  }),
} satisfies Record<string, Untagged>

const passkeys = {
  'POST /passkeys/authentication/options': of('beginPasskeySignIn', 'Begin to sign in with a passkey', {
    200: 'PasskeyChallenge',
  }),
  'POST /passkeys/authentication/verify': of(
    'signInWithPasskey',
    'Sign in with a passkey',
    { 200: 'Session' },
    { needs: ['challenge_id', 'credential'] },
  ),
  'POST /passkeys/registration/options': of('beginPasskeyRegistration', 'Begin to add a passkey', {
    200: 'PasskeyRegistration',
  }),
  'POST /passkeys/registration/verify': of(
    'registerPasskey',
    'Add a passkey',
    { 200: 'Passkey' },
    {
      needs: ['challenge_id', 'credential'],
    },
  ),
  'GET /passkeys': of('listPasskeys', 'The passkeys of the account', { 200: 'Passkeys' }),
  'PATCH /passkeys/:passkey_id': of(
    'renamePasskey',
    'Rename a passkey',
    { 200: 'Passkey' },
    {
      needs: ['friendly_name'],
    },
  ),
  'DELETE /passkeys/:passkey_id': of('removePasskey', 'Remove a passkey', { 204: empty }),
} satisfies Record<string, Untagged>

const administration = {
  'POST /invite': of(
    'inviteUser',
    'Invite somebody by mail',
    { 200: 'User' },
    {
      query: redirect,
      needs: ['email'],
    },
  ),
  'GET /admin/users': of(
    'listUsers',
    'Accounts in pages',
    { 200: 'AdminUserList' },
    { query: ['page', 'per_page', 'filter', 'sort', 'cursor', 'limit', ...accounts, ...times] },
  ),
  'POST /admin/users': of('createUser', 'Make an account', { 200: 'User' }),
  'GET /admin/users/:user_id': of('getUserById', 'An account', { 200: 'User' }),
  'PUT /admin/users/:user_id': of('updateUserById', 'Change an account', { 200: 'User' }),
  'DELETE /admin/users/:user_id': of('deleteUser', 'Delete an account', { 200: 'Nothing' }),
  'GET /admin/users/:user_id/sessions': of('listSessionsOfUser', 'Where an account is signed in', {
    200: 'UserSessions',
  }),
  'DELETE /admin/users/:user_id/sessions': of('deleteSessionsOfUser', 'Sign an account out', {
    204: empty,
  }),
  'DELETE /admin/users/:user_id/sessions/:session_id': of('deleteSessionOfUser', 'Sign an account out in one place', {
    204: empty,
  }),
  'GET /admin/users/:user_id/factors': of('listFactorsOfUser', 'Factors of an account', {
    200: 'Factors',
  }),
  'DELETE /admin/users/:user_id/factors/:factor_id': of('deleteFactorOfUser', 'Remove a factor of an account', {
    200: 'Factor',
  }),
  'PUT /admin/users/:user_id/factors/:factor_id': of('updateFactorOfUser', 'Change a factor of an account', {
    200: 'Factor',
  }),
  'GET /admin/users/:user_id/passkeys': of('listPasskeysOfUser', 'Passkeys of an account', {
    200: 'Passkeys',
  }),
  'DELETE /admin/users/:user_id/passkeys/:passkey_id': of('deletePasskeyOfUser', 'Remove a passkey of an account', {
    204: empty,
  }),
  'POST /admin/generate_link': of(
    'generateLink',
    'Make a link without sending it',
    { 200: 'GeneratedLink' },
    { query: redirect, needs: ['type', 'email'] },
  ),
  'GET /admin/audit': of(
    'listAuditLog',
    'What happened, newest first; as lines of JSON where application/x-ndjson is accepted',
    { 200: ['AuditEntries', media('application/x-ndjson')] },
    { query: ['page', 'per_page', 'audit_query', ...asked] },
  ),
  'GET /admin/sso/providers': of(
    'listSsoProviders',
    'Identity providers of companies',
    { 200: 'SsoProviders' },
    { query: ['resource_id', 'resource_id_prefix'] },
  ),
  'POST /admin/sso/providers': of('createSsoProvider', 'Add an identity provider', {
    201: 'SsoProvider',
  }),
  'GET /admin/sso/providers/:provider_id': of('getSsoProvider', 'An identity provider', {
    200: 'SsoProvider',
  }),
  'PUT /admin/sso/providers/:provider_id': of('updateSsoProvider', 'Change an identity provider', {
    200: 'SsoProvider',
  }),
  'DELETE /admin/sso/providers/:provider_id': of('deleteSsoProvider', 'Remove an identity provider', {
    200: 'SsoProvider',
  }),
  'GET /admin/sso/providers/:provider_id/scim_tokens': of(
    'listScimTokens',
    'Tokens by which a company manages its people',
    { 200: 'ScimTokens' },
  ),
  'POST /admin/sso/providers/:provider_id/scim_tokens': of(
    'createScimToken',
    'Make a token by which a company manages its people',
    { 201: 'MadeScimToken' },
    { needs: ['name'] },
  ),
  'DELETE /admin/sso/providers/:provider_id/scim_tokens/:token_id': of(
    'revokeScimToken',
    'Revoke a token by which a company manages its people',
    { 204: empty },
  ),
  'GET /admin/oauth/clients': of('listOAuthClients', 'Applications', { 200: 'OAuthClients' }),
  'POST /admin/oauth/clients': of('createOAuthClient', 'Add an application', { 201: 'OAuthClient' }),
  'GET /admin/oauth/clients/:client_id': of('getOAuthClient', 'An application', {
    200: 'OAuthClient',
  }),
  'PUT /admin/oauth/clients/:client_id': of('updateOAuthClient', 'Change an application', {
    200: 'OAuthClient',
  }),
  'DELETE /admin/oauth/clients/:client_id': of('deleteOAuthClient', 'Remove an application', {
    204: empty,
  }),
  'POST /admin/oauth/clients/:client_id/regenerate_secret': of(
    'regenerateClientSecret',
    'Make a new secret of an application',
    { 200: 'OAuthClient' },
  ),
  'GET /admin/custom-providers': of(
    'listCustomProviders',
    'Providers that administrators added',
    { 200: 'CustomProviders' },
    { query: ['provider_type'] },
  ),
  'POST /admin/custom-providers': of('createCustomProvider', 'Add a provider', {
    201: 'CustomProvider',
  }),
  'GET /admin/custom-providers/:identifier': of('getCustomProvider', 'A provider', {
    200: 'CustomProvider',
  }),
  'PUT /admin/custom-providers/:identifier': of('updateCustomProvider', 'Change a provider', {
    200: 'CustomProvider',
  }),
  'DELETE /admin/custom-providers/:identifier': of('removeCustomProvider', 'Remove a provider', {
    204: empty,
  }),
} satisfies Record<string, Untagged>

const singleSignOn = {
  'POST /sso': of('startSso', 'Begin to sign in with the provider of a company', {
    200: 'Address',
    303: away,
  }),
  'GET /sso/saml/metadata': of(
    'getSamlMetadata',
    'This server as a service provider',
    { 200: media('application/xml') },
    { query: ['download'] },
  ),
  'POST /sso/saml/acs': of('acceptSso', 'Come back from the provider of a company', {
    302: away,
    303: away,
  }),
  'POST /sso/saml/logout': of('logOutOfSso', 'Sign out, and learn how to sign out at the provider too', {
    200: 'SsoLogout',
  }),
  'POST /sso/saml/slo': of('exchangeLogouts', 'A provider signs its people out', {
    200: media('text/html'),
    303: away,
  }),
} satisfies Record<string, Untagged>

const oauthServer = {
  'GET /oauth/authorize': of(
    'requestAuthorization',
    'An application asks to be let in',
    { 302: away },
    { query: ['client_id', 'redirect_uri', 'request_uri', ...authorization] },
  ),
  'POST /oauth/token': of(
    'issueClientTokens',
    'An application asks for tokens',
    { 200: 'OAuthTokens' },
    {
      needs: ['grant_type'],
      errors: oauth,
    },
  ),
  'POST /oauth/revoke': of(
    'revokeToken',
    'An application gives a token back (RFC 7009)',
    { 200: empty },
    {
      needs: ['token'],
      errors: oauth,
    },
  ),
  'POST /oauth/introspect': of(
    'introspectToken',
    'Whether a token can be used (RFC 7662)',
    { 200: 'Introspection' },
    { needs: ['token'], errors: oauth },
  ),
  'GET /oauth/logout': of(
    'endSessionByLink',
    'An application signs a person out',
    { 303: away },
    { query: ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'] },
  ),
  'POST /oauth/logout': of('endSession', 'An application signs a person out, by a form', { 303: away }),
  'POST /oauth/par': of(
    'pushAuthorization',
    'An application sends beforehand what it asks (RFC 9126)',
    { 201: 'PushedRequest' },
    { errors: oauth },
  ),
  'POST /oauth/device_authorization': of(
    'authorizeDevice',
    'A device asks to be let in (RFC 8628)',
    { 200: 'DeviceAuthorization' },
    { errors: oauth },
  ),
  'POST /oauth/device': of(
    'getDevice',
    'Which application shows a code',
    { 200: 'Device' },
    {
      needs: ['user_code'],
    },
  ),
  'POST /oauth/device/consent': of(
    'decideOnDevice',
    'Let a device in, or not',
    { 200: 'DeviceDecision' },
    { needs: ['user_code', 'action'] },
  ),
  'GET /oauth/userinfo': of('getUserInfo', 'What the scopes let an application know', {
    200: 'UserInfo',
  }),
  'POST /oauth/userinfo': of('postUserInfo', 'The same by POST', { 200: 'UserInfo' }),
  'GET /oauth/authorizations/:authorization_id': of('getAuthorization', 'Which application asks for what', {
    200: 'Authorization',
  }),
  'POST /oauth/authorizations/:authorization_id/consent': of(
    'decideAuthorization',
    'Let an application in, or not',
    { 200: 'Redirect' },
    { needs: ['action'] },
  ),
  'POST /oauth/clients/register': of('registerOAuthClient', 'An application registers itself', {
    201: 'OAuthClient',
  }),
} satisfies Record<string, Untagged>

const shown = ['scim_attributes', 'scim_excludedAttributes'] as const
const found = ['scim_filter', 'scim_sortBy', 'scim_sortOrder', 'scim_startIndex', 'scim_count', ...shown] as const

const scimOf = (kind: 'User' | 'Group'): Record<string, Untagged> => {
  const path = `/scim/v2/:kind{${kind}s}`
  const [one, many] = [kind.toLowerCase(), `${kind.toLowerCase()}s`]
  const resource = { 200: scim('ScimResource') }
  return {
    [`GET ${path}`]: of(`scimList${kind}s`, `A page of ${many}`, { 200: scim('ScimList') }, { query: found }),
    [`POST ${path}`]: of(`scimCreate${kind}`, `Make a ${one}`, { 201: scim('ScimResource') }, { query: shown }),
    [`POST ${path}/.search`]: of(`scimSearch${kind}s`, `A page of ${many}, asked for in a body`, {
      200: scim('ScimList'),
    }),
    [`GET ${path}/:id`]: of(
      `scimGet${kind}`,
      `A ${one}`,
      { ...resource, 304: empty },
      {
        query: shown,
        headers: ['if-none-match'],
      },
    ),
    [`PUT ${path}/:id`]: of(`scimReplace${kind}`, `Replace a ${one}`, resource, {
      query: shown,
      headers: ['if-match'],
    }),
    [`PATCH ${path}/:id`]: of(
      `scimPatch${kind}`,
      `Change a ${one}`,
      { ...resource, 204: empty },
      {
        query: shown,
        headers: ['if-match'],
      },
    ),
    [`DELETE ${path}/:id`]: of(
      `scimRemove${kind}`,
      `Remove a ${one}`,
      { 204: empty },
      {
        headers: ['if-match'],
      },
    ),
  }
}

const scimService = {
  ...scimOf('User'),
  ...scimOf('Group'),
  'POST /scim/v2/Bulk': of('scimBulk', 'Many changes at once', { 200: scim('ScimBulkAnswer') }),
  'GET /scim/v2/*': of(
    'scimDescribe',
    'What the service says of itself',
    { 200: scim('ScimDescription') },
    {
      paths: {
        scimGetServiceProviderConfig: '/scim/v2/ServiceProviderConfig',
        scimListResourceTypes: '/scim/v2/ResourceTypes',
        scimGetResourceType: '/scim/v2/ResourceTypes/:name',
        scimListSchemas: '/scim/v2/Schemas',
        scimGetSchema: '/scim/v2/Schemas/:urn',
      },
    },
  ),
} satisfies Record<string, Untagged>

/** What is filed under each tag. */
const chapters: Readonly<Record<Tag, Readonly<Record<string, Untagged>>>> = {
  Server: server,
  'Sign-in': signIn,
  Account: account,
  'Second factors': factors,
  Passkeys: passkeys,
  'Single sign-on': singleSignOn,
  'OAuth server': oauthServer,
  Administration: administration,
  SCIM: scimService,
}

/** What the document tells, by method and path of the route table. */
export const operations: Readonly<Record<string, Operation>> = Object.fromEntries(
  Object.entries(chapters).flatMap(([tag, rows]) =>
    Object.entries(rows).map(([key, row]) => [key, { ...row, tag: tag as Tag }]),
  ),
)
