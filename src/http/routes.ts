// The route table: every endpoint of the server, a row each. A newcomer starts here.
import type { Ctx, FactorCtx } from '../context.ts'
import { AuthError } from '../errors.ts'
import { changeFactor, changeFactorBody } from '../flows/admin/change-factor.ts'
import { createUser, createUserBody } from '../flows/admin/create-user.ts'
import { changeCustomProvider } from '../flows/admin/custom-providers/change-custom-provider.ts'
import {
  requireCustomIdentifier,
  requireCustomProviders,
} from '../flows/admin/custom-providers/check-custom-provider.ts'
import { createCustomProvider } from '../flows/admin/custom-providers/create-custom-provider.ts'
import { customProviderBody } from '../flows/admin/custom-providers/custom-provider-body.ts'
import { getCustomProvider } from '../flows/admin/custom-providers/get-custom-provider.ts'
import { listAnyCustomProviders } from '../flows/admin/custom-providers/list-custom-providers.ts'
import { removeCustomProvider } from '../flows/admin/custom-providers/remove-custom-provider.ts'
import { deletePasskeyOfUser } from '../flows/admin/delete-passkey.ts'
import { deleteUser, deleteUserBody } from '../flows/admin/delete-user.ts'
import { deleteUserSession, deleteUserSessions } from '../flows/admin/delete-user-sessions.ts'
import { generateLink, generateLinkBody } from '../flows/admin/generate-link.ts'
import { getAnyUser } from '../flows/admin/get-user.ts'
import { listAuditLog } from '../flows/admin/list-audit-log.ts'
import { listFactors } from '../flows/admin/list-factors.ts'
import { listPasskeysOfUser } from '../flows/admin/list-passkeys.ts'
import { listUserSessions } from '../flows/admin/list-user-sessions.ts'
import { listUsers } from '../flows/admin/list-users.ts'
import { removeFactor } from '../flows/admin/remove-factor.ts'
import { createScimToken, listScimTokens, revokeScimToken, scimTokenBody } from '../flows/admin/scim-tokens.ts'
import { createSsoProvider } from '../flows/admin/sso-providers/create-sso-provider.ts'
import { deleteSsoProvider, getSsoProvider, listSsoProviders } from '../flows/admin/sso-providers/read-sso-providers.ts'
import { ssoProviderBody } from '../flows/admin/sso-providers/sso-provider.ts'
import { updateSsoProvider } from '../flows/admin/sso-providers/update-sso-provider.ts'
import { updateAnyUser, updateAnyUserBody } from '../flows/admin/update-user.ts'
import { authorize } from '../flows/authorize.ts'
import { beginIdentityLinking } from '../flows/begin-identity-linking.ts'
import { agreeToLink, callback, callbackByForm, callbackForm, linkForm } from '../flows/callback.ts'
import { deleteOwnSession } from '../flows/delete-own-session.ts'
import { exchangeBody, exchangeCode } from '../flows/exchange-code.ts'
import { getUser } from '../flows/get-user.ts'
import { health, ready } from '../flows/health.ts'
import { invite, inviteBody } from '../flows/invite.ts'
import { jwks } from '../flows/jwks.ts'
import { listOwnSessions } from '../flows/list-own-sessions.ts'
import { logOut } from '../flows/log-out.ts'
import { magicLinkBody, sendMagicLink } from '../flows/magic-link.ts'
import { challengeFactor } from '../flows/mfa/challenge-factor.ts'
import { enrollFactor } from '../flows/mfa/enroll-factor.ts'
import { challengeBody, enrollBody, verifyFactorBody } from '../flows/mfa/factor-kind.ts'
import {
  countOwnRecoveryCodes,
  generateRecoveryCodes,
  recoveryCodesBody,
  regenerateRecoveryCodes,
  removeRecoveryCodes,
} from '../flows/mfa/recovery-codes.ts'
import { unenrollFactor } from '../flows/mfa/unenroll-factor.ts'
import { verifyFactor } from '../flows/mfa/verify-factor.ts'
import { verifyRecoveryCode, verifyRecoveryCodeBody } from '../flows/mfa/verify-recovery-code.ts'
import { authorizeDevice, deviceBody } from '../flows/oauth-server/authorize-device.ts'
import { clientBody, createClient, registerClient, requireRegistration } from '../flows/oauth-server/create-client.ts'
import { consentBody, decideAuthorization, getAuthorization } from '../flows/oauth-server/decide-authorization.ts'
import { decideOnDevice, deviceConsentBody, getDevice, userCodeBody } from '../flows/oauth-server/decide-device.ts'
import { endSession, endSessionBody, endSessionByLink } from '../flows/oauth-server/end-session.ts'
import { listGrants, revokeGrant } from '../flows/oauth-server/grants.ts'
import { introspectToken } from '../flows/oauth-server/introspect-token.ts'
import { issueClientTokens } from '../flows/oauth-server/issue-client-tokens.ts'
import {
  clientChangesBody,
  deleteClient,
  getClient,
  listClients,
  regenerateClientSecret,
  updateClient,
} from '../flows/oauth-server/manage-client.ts'
import { requireFeature, requireOAuthServer } from '../flows/oauth-server/oauth-client.ts'
import { pushAuthorization, pushBody } from '../flows/oauth-server/push-authorization.ts'
import { requestAuthorization } from '../flows/oauth-server/request-authorization.ts'
import { requireOwnSite } from '../flows/oauth-server/require-own-site.ts'
import { resourceMetadata } from '../flows/oauth-server/resource-metadata.ts'
import { revokeToken } from '../flows/oauth-server/revoke-token.ts'
import { authorizationServerMetadata, openidConfiguration } from '../flows/oauth-server/server-metadata.ts'
import { clientTokenBody, tokenBody } from '../flows/oauth-server/token-request.ts'
import { unreadableGrant } from '../flows/oauth-server/unreadable-grant.ts'
import { userInfo } from '../flows/oauth-server/user-info.ts'
import { otpBody, sendOneTimePassword } from '../flows/one-time-password.ts'
import { beginPasskeyRegistration } from '../flows/passkeys/begin-registration.ts'
import { beginPasskeySignIn, beginSignInBody } from '../flows/passkeys/begin-sign-in.ts'
import { changePasskey, passkeyNameBody } from '../flows/passkeys/change-passkey.ts'
import { listPasskeys } from '../flows/passkeys/list-passkeys.ts'
import { passkeyAnswerBody, requirePasskeys } from '../flows/passkeys/passkey-rules.ts'
import { registerPasskey } from '../flows/passkeys/register-passkey.ts'
import { removePasskey } from '../flows/passkeys/remove-passkey.ts'
import { signInWithPasskey } from '../flows/passkeys/sign-in-with-passkey.ts'
import { providerToken } from '../flows/provider-token.ts'
import { reauthenticate } from '../flows/reauthenticate.ts'
import { recoverAccount, recoverBody } from '../flows/recover.ts'
import { refreshBody, refreshSession } from '../flows/refresh-session.ts'
import { resend, resendBody } from '../flows/resend.ts'
import {
  createResource,
  getResource,
  listResources,
  patchResource,
  removeResource,
  replaceResource,
  searchResources,
} from '../flows/scim/answer-resources.ts'
import { bulk } from '../flows/scim/bulk.ts'
import { describeScim } from '../flows/scim/describe-scim.ts'
import { scimBody } from '../flows/scim/resource-kinds.ts'
import { settings } from '../flows/settings.ts'
import { idTokenBody, signInWithIdToken } from '../flows/sign-in-with-id-token.ts'
import { passwordBody, signInWithPassword } from '../flows/sign-in-with-password.ts'
import { requireWallets, signInWithWallet, walletBody } from '../flows/sign-in-with-wallet.ts'
import { signUp, signUpBody } from '../flows/sign-up.ts'
import { acceptSso } from '../flows/sso/accept-sso.ts'
import { acsForm } from '../flows/sso/acs-form.ts'
import { exchangeLogouts, sloForm } from '../flows/sso/exchange-logouts.ts'
import { logOutOfSso, ssoLogoutBody } from '../flows/sso/log-out-of-sso.ts'
import { requireSaml } from '../flows/sso/saml-provider.ts'
import { ssoMetadata } from '../flows/sso/sso-metadata.ts'
import { ssoBody, startSso } from '../flows/sso/start-sso.ts'
import { passkeyIdOf } from '../flows/steps/requests/passkey-of-path.ts'
import { unlinkIdentity } from '../flows/unlink-identity.ts'
import { unsupportedGrant } from '../flows/unsupported-grant.ts'
import { updateOwnUser, updateUserBody } from '../flows/update-user.ts'
import { confirmBody, confirmLink, verifyBody, verifyCode, verifyLink } from '../flows/verify.ts'
import type { Guard } from './guards.ts'
import { type Route, route } from './route.ts'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** What can be done with a kind of resource of SCIM. */
const scimRows = (path: string): Route[] => {
  const facts = { guard: 'scim', errors: 'scim' } as const
  const one = `${path}/:id`
  return [
    route('GET', path, { ...facts, flow: listResources }),
    route('POST', path, { ...facts, body: scimBody, flow: createResource }),
    route('POST', `${path}/.search`, { ...facts, body: scimBody, flow: searchResources }),
    route('GET', one, { ...facts, flow: getResource }),
    route('PUT', one, { ...facts, body: scimBody, flow: replaceResource }),
    route('PATCH', one, { ...facts, body: scimBody, flow: patchResource }),
    route('DELETE', one, { ...facts, flow: removeResource }),
  ]
}

const unreadableBody = new AuthError(400, 'bad_json', 'Invalid JSON body')
const unreadableConsent = new AuthError(400, 'bad_json', 'invalid JSON body')

const customProviders = { slash: true, guard: 'admin', requires: requireCustomProviders } as const
const customProvider = { ...customProviders, requires: requireCustomIdentifier } as const

/** Every endpoint. */
export const routes: readonly Route[] = [
  // Public, no state
  route('GET', '/health', { guard: 'public', flow: health }),
  route('GET', '/health/ready', { guard: 'public', flow: ready }),
  route('GET', '/settings', { guard: 'public', flow: settings }),
  route('GET', '/.well-known/jwks.json', { guard: 'public', flow: jwks }),
  route('GET', '/.well-known/openid-configuration', { guard: 'public', flow: openidConfiguration }),
  route('GET', '/.well-known/oauth-authorization-server', { guard: 'public', flow: authorizationServerMetadata }),
  route('GET', '/.well-known/oauth-protected-resource', {
    guard: 'public',
    feature: requireFeature('resource_metadata'),
    flow: resourceMetadata,
  }),

  // Sign-up and sign-in
  route('POST', '/signup', { guard: 'public', slash: true, captcha: true, body: signUpBody, flow: signUp }),
  route('POST', '/otp', { guard: 'public', captcha: true, limit: 'otp', body: otpBody, flow: sendOneTimePassword }),
  route('POST', '/magiclink', {
    guard: 'public',
    captcha: true,
    limit: 'magiclink',
    bad_body: 'Could not read verification params',
    body: magicLinkBody,
    flow: sendMagicLink,
  }),
  route('POST', '/resend', { guard: 'public', captcha: true, limit: 'resend', body: resendBody, flow: resend }),
  route('POST', '/invite', { guard: 'admin', body: inviteBody, flow: invite }),
  route('POST', '/recover', {
    guard: 'public',
    captcha: true,
    limit: 'recover',
    body: recoverBody,
    flow: recoverAccount,
  }),
  route('POST', '/token', {
    guard: 'public',
    grant: 'password',
    captcha: true,
    limit: 'token',
    body: passwordBody,
    flow: signInWithPassword,
  }),
  route('POST', '/token', {
    guard: 'public',
    grant: 'refresh_token',
    limit: 'token',
    body: refreshBody,
    flow: refreshSession,
  }),
  route('POST', '/token', { guard: 'public', grant: 'pkce', limit: 'token', body: exchangeBody, flow: exchangeCode }),
  route('POST', '/token', {
    guard: 'public',
    grant: 'id_token',
    limit: 'token',
    body: idTokenBody,
    flow: signInWithIdToken,
  }),
  route('POST', '/token', {
    guard: 'public',
    grant: 'web3',
    captcha: true,
    limit: 'web3',
    requires: requireWallets,
    body: walletBody,
    flow: signInWithWallet,
  }),
  route('POST', '/token', { guard: 'public', captcha: true, flow: unsupportedGrant }),
  route('GET', '/verify', { guard: 'public', slash: true, limit: 'verify', flow: verifyLink }),
  route('POST', '/verify', { guard: 'public', slash: true, limit: 'verify', body: verifyBody, flow: verifyCode }),

  route('GET', '/authorize', { guard: 'public', limit: 'authorize', flow: authorize }),
  route('GET', '/callback', { guard: 'public', slash: true, flow: callback }),
  route('POST', '/callback', { guard: 'public', slash: true, form: true, body: callbackForm, flow: callbackByForm }),

  route('POST', '/callback/link', { guard: 'public', form: true, limit: 'verify', body: linkForm, flow: agreeToLink }),

  route('POST', '/verify/confirm', {
    guard: 'public',
    form: true,
    limit: 'verify',
    body: confirmBody,
    flow: confirmLink,
  }),

  // The signed-in person
  route('GET', '/user', { slash: true, guard: 'user', before_mfa: true, for_applications: true, flow: getUser }),
  route('PUT', '/user', {
    slash: true,
    guard: 'user',
    limit: 'user_update',
    for_applications: 'unless strict',
    body: updateUserBody,
    flow: updateOwnUser,
  }),
  route('GET', '/user/sessions', { guard: 'user', flow: listOwnSessions }),
  route('DELETE', '/user/sessions/:session_id', { guard: 'user', flow: deleteOwnSession }),
  route('GET', '/reauthenticate', { slash: true, guard: 'user', flow: reauthenticate }),
  route('POST', '/logout', { guard: 'user', before_mfa: true, for_applications: 'unless strict', flow: logOut }),
  route('GET', '/user/identities/authorize', {
    guard: 'user',
    limit: 'authorize',
    flow: beginIdentityLinking,
  }),
  route('DELETE', '/user/identities/:identity_id', { guard: 'user', flow: unlinkIdentity }),
  route('GET', '/user/identities/:identity_id/token', { guard: 'user', flow: providerToken }),

  // Second factors
  route('POST', '/factors', { slash: true, guard: 'factors', before_mfa: true, body: enrollBody, flow: enrollFactor }),
  route('GET', '/factors/recovery-codes', { guard: 'factors', before_mfa: true, flow: countOwnRecoveryCodes }),
  route('POST', '/factors/recovery-codes', {
    guard: 'factors',
    before_mfa: true,
    optional_body: true,
    body: recoveryCodesBody,
    flow: generateRecoveryCodes,
  }),
  route('POST', '/factors/recovery-codes/verify', {
    guard: 'factors',
    before_mfa: true,
    limit: 'factor_verify',
    body: verifyRecoveryCodeBody,
    flow: verifyRecoveryCode,
  }),
  route('POST', '/factors/recovery-codes/regenerate', {
    guard: 'factors',
    before_mfa: true,
    flow: regenerateRecoveryCodes,
  }),
  route('DELETE', '/factors/recovery-codes', { guard: 'factors', before_mfa: true, flow: removeRecoveryCodes }),
  route('DELETE', '/factors/:factor_id', { slash: true, guard: 'factor', before_mfa: true, flow: unenrollFactor }),
  route('POST', '/factors/:factor_id/challenge', {
    guard: 'factor',
    before_mfa: true,
    limit: 'factor_challenge',
    body_for: ({ factor }: FactorCtx) => factor.factor_type !== 'totp',
    body: challengeBody,
    flow: challengeFactor,
  }),
  route('POST', '/factors/:factor_id/verify', {
    guard: 'factor',
    before_mfa: true,
    limit: 'factor_verify',
    body: verifyFactorBody,
    flow: verifyFactor,
  }),

  // Passkeys
  route('POST', '/passkeys/authentication/options', {
    guard: 'public',
    feature: requirePasskeys,
    captcha: true,
    limit: 'passkey_options',
    body_for: () => false,
    body: beginSignInBody,
    flow: beginPasskeySignIn,
  }),
  route('POST', '/passkeys/authentication/verify', {
    guard: 'public',
    feature: requirePasskeys,
    body: passkeyAnswerBody,
    flow: signInWithPasskey,
  }),
  route('POST', '/passkeys/registration/options', {
    guard: 'factors',
    feature: requirePasskeys,
    flow: beginPasskeyRegistration,
  }),
  route('POST', '/passkeys/registration/verify', {
    guard: 'factors',
    feature: requirePasskeys,
    body: passkeyAnswerBody,
    flow: registerPasskey,
  }),
  route('GET', '/passkeys', { slash: true, guard: 'user', feature: requirePasskeys, flow: listPasskeys }),
  route('PATCH', '/passkeys/:passkey_id', {
    slash: true,
    guard: 'user',
    feature: requirePasskeys,
    requires: passkeyIdOf,
    body: passkeyNameBody,
    flow: changePasskey,
  }),
  route('DELETE', '/passkeys/:passkey_id', {
    slash: true,
    guard: 'user',
    feature: requirePasskeys,
    flow: removePasskey,
  }),

  // Administration, under both spellings of the path
  ...['/admin/users', '/admin/user'].flatMap((path) => [
    route('GET', path, { slash: true, guard: 'admin', flow: listUsers }),
    route('POST', path, { slash: true, guard: 'admin', body: createUserBody, flow: createUser }),
    route('GET', `${path}/:user_id`, { slash: true, guard: 'account', flow: getAnyUser }),
    route('PUT', `${path}/:user_id`, { slash: true, guard: 'account', body: updateAnyUserBody, flow: updateAnyUser }),
    route('DELETE', `${path}/:user_id`, {
      slash: true,
      guard: 'account',
      optional_body: true,
      body: deleteUserBody,
      flow: deleteUser,
    }),
    route('GET', `${path}/:user_id/sessions`, { slash: true, guard: 'account', flow: listUserSessions }),
    route('DELETE', `${path}/:user_id/sessions`, { slash: true, guard: 'account', flow: deleteUserSessions }),
    route('DELETE', `${path}/:user_id/sessions/:session_id`, {
      slash: true,
      guard: 'account',
      flow: deleteUserSession,
    }),
    route('GET', `${path}/:user_id/factors`, { slash: true, guard: 'account', flow: listFactors }),
    route('DELETE', `${path}/:user_id/factors/:factor_id`, {
      slash: true,
      guard: 'account_factor',
      flow: removeFactor,
    }),
    route('PUT', `${path}/:user_id/factors/:factor_id`, {
      slash: true,
      guard: 'account_factor',
      body: changeFactorBody,
      flow: changeFactor,
    }),
    route('GET', `${path}/:user_id/passkeys`, { slash: true, guard: 'account', flow: listPasskeysOfUser }),
    route('DELETE', `${path}/:user_id/passkeys/:passkey_id`, {
      slash: true,
      guard: 'account',
      flow: deletePasskeyOfUser,
    }),
  ]),
  route('POST', '/admin/generate_link', { guard: 'admin', body: generateLinkBody, flow: generateLink }),
  route('GET', '/admin/audit', { slash: true, guard: 'admin', flow: listAuditLog }),

  // Sign-in with the identity providers of companies
  route('POST', '/sso', {
    guard: 'public',
    slash: true,
    feature: requireSaml,
    captcha: true,
    limit: 'sso',
    body: ssoBody,
    flow: startSso,
  }),
  route('GET', '/sso/saml/metadata', { guard: 'public', feature: requireSaml, flow: ssoMetadata }),
  route('POST', '/sso/saml/acs', {
    guard: 'public',
    feature: requireSaml,
    limit: 'acs',
    form: true,
    body: acsForm,
    flow: acceptSso,
  }),
  route('POST', '/sso/saml/logout', {
    guard: 'user',
    feature: requireSaml,
    before_mfa: true,
    optional_body: true,
    body: ssoLogoutBody,
    flow: logOutOfSso,
  }),
  route('POST', '/sso/saml/slo', {
    guard: 'public',
    feature: requireSaml,
    limit: 'acs',
    form: true,
    body: sloForm,
    flow: exchangeLogouts,
  }),

  // Identity providers of companies
  route('GET', '/admin/sso/providers', { guard: 'admin', slash: true, flow: listSsoProviders }),
  route('POST', '/admin/sso/providers', {
    guard: 'admin',
    slash: true,
    body: ssoProviderBody,
    flow: createSsoProvider,
  }),
  route('GET', '/admin/sso/providers/:provider_id', { guard: 'sso_provider', slash: true, flow: getSsoProvider }),
  route('PUT', '/admin/sso/providers/:provider_id', {
    guard: 'sso_provider',
    slash: true,
    body: ssoProviderBody,
    flow: updateSsoProvider,
  }),
  route('DELETE', '/admin/sso/providers/:provider_id', { guard: 'sso_provider', slash: true, flow: deleteSsoProvider }),
  route('GET', '/admin/sso/providers/:provider_id/scim_tokens', { guard: 'sso_provider', flow: listScimTokens }),
  route('POST', '/admin/sso/providers/:provider_id/scim_tokens', {
    guard: 'sso_provider',
    body: scimTokenBody,
    flow: createScimToken,
  }),
  route('DELETE', '/admin/sso/providers/:provider_id/scim_tokens/:token_id', {
    guard: 'sso_provider',
    flow: revokeScimToken,
  }),

  // Applications that sign people in through this server
  route('GET', '/oauth/authorize', {
    guard: 'public',
    feature: requireOAuthServer,
    limit: 'authorize',
    flow: requestAuthorization,
  }),
  route('POST', '/oauth/token', {
    guard: 'public',
    feature: requireOAuthServer,
    form: 'or JSON',
    long: ['subject_token', 'actor_token'],
    body: clientTokenBody,
    bad_body: unreadableGrant,
    flow: issueClientTokens,
  }),
  route('POST', '/oauth/revoke', {
    guard: 'public',
    feature: requireFeature('revocation'),
    form: 'or JSON',
    long: ['token'],
    body: tokenBody,
    flow: revokeToken,
  }),
  route('POST', '/oauth/introspect', {
    guard: 'public',
    feature: requireFeature('introspection'),
    form: 'or JSON',
    long: ['token'],
    body: tokenBody,
    flow: introspectToken,
  }),
  route('GET', '/oauth/logout', {
    guard: 'public',
    feature: requireFeature('logout'),
    limit: 'authorize',
    flow: endSessionByLink,
  }),
  route('POST', '/oauth/logout', {
    guard: 'public',
    feature: requireFeature('logout'),
    limit: 'authorize',
    form: true,
    body: endSessionBody,
    flow: endSession,
  }),
  route('POST', '/oauth/par', {
    guard: 'public',
    feature: requireFeature('par'),
    form: 'or JSON',
    body: pushBody,
    flow: pushAuthorization,
  }),
  route('POST', '/oauth/device_authorization', {
    guard: 'public',
    feature: requireFeature('device'),
    limit: 'authorize',
    form: 'or JSON',
    body: deviceBody,
    flow: authorizeDevice,
  }),
  route('POST', '/oauth/device', {
    guard: 'user',
    feature: requireFeature('device'),
    limit: 'verify',
    body: userCodeBody,
    flow: getDevice,
  }),
  route('POST', '/oauth/device/consent', {
    guard: 'user',
    feature: requireFeature('device'),
    limit: 'verify',
    body: deviceConsentBody,
    flow: decideOnDevice,
  }),
  route('GET', '/oauth/userinfo', {
    guard: 'user',
    feature: requireOAuthServer,
    for_applications: true,
    flow: userInfo,
  }),
  route('POST', '/oauth/userinfo', {
    guard: 'user',
    feature: requireOAuthServer,
    for_applications: true,
    flow: userInfo,
  }),
  route('GET', '/oauth/authorizations/:authorization_id', {
    guard: 'user',
    feature: requireOAuthServer,
    flow: getAuthorization,
  }),
  route('POST', '/oauth/authorizations/:authorization_id/consent', {
    guard: 'user',
    feature: requireOAuthServer,
    requires: requireOwnSite,
    body: consentBody,
    bad_body: unreadableConsent,
    flow: decideAuthorization,
  }),
  route('POST', '/oauth/clients/register', {
    guard: 'public',
    feature: requireOAuthServer,
    limit: 'client_registration',
    requires: requireRegistration,
    body: clientBody,
    bad_body: unreadableBody,
    flow: registerClient,
  }),
  route('GET', '/user/oauth/grants', { slash: true, guard: 'user', requires: requireOAuthServer, flow: listGrants }),
  route('DELETE', '/user/oauth/grants', {
    slash: true,
    guard: 'user',
    requires: requireOAuthServer,
    flow: revokeGrant,
  }),
  route('GET', '/admin/oauth/clients', {
    slash: true,
    guard: 'admin',
    requires: requireOAuthServer,
    flow: listClients,
  }),
  route('POST', '/admin/oauth/clients', {
    slash: true,
    guard: 'admin',
    requires: requireOAuthServer,
    body: clientBody,
    bad_body: unreadableBody,
    flow: createClient,
  }),
  route('GET', '/admin/oauth/clients/:client_id', { slash: true, guard: 'oauth_client', flow: getClient }),
  route('PUT', '/admin/oauth/clients/:client_id', {
    slash: true,
    guard: 'oauth_client',
    body: clientChangesBody,
    bad_body: unreadableBody,
    flow: updateClient,
  }),
  route('DELETE', '/admin/oauth/clients/:client_id', { slash: true, guard: 'oauth_client', flow: deleteClient }),
  route('POST', '/admin/oauth/clients/:client_id/regenerate_secret', {
    guard: 'oauth_client',
    flow: regenerateClientSecret,
  }),

  // Providers that administrators add
  route('GET', '/admin/custom-providers', { ...customProviders, flow: listAnyCustomProviders }),
  route('POST', '/admin/custom-providers', {
    ...customProviders,
    body: customProviderBody,
    flow: createCustomProvider,
  }),
  route('GET', '/admin/custom-providers/:identifier', { ...customProvider, flow: getCustomProvider }),
  route('PUT', '/admin/custom-providers/:identifier', {
    ...customProvider,
    body: customProviderBody,
    flow: changeCustomProvider,
  }),
  route('DELETE', '/admin/custom-providers/:identifier', { ...customProvider, flow: removeCustomProvider }),

  // People whom companies manage (SCIM)
  ...(['Users', 'Groups'] as const).flatMap((kind) => scimRows(`/scim/v2/:kind{${kind}}`)),
  route('POST', '/scim/v2/Bulk', { guard: 'scim', errors: 'scim', body: scimBody, flow: bulk }),
  ...methods.map((method) => route(method, '/scim/v2/*', { guard: 'public', errors: 'scim', flow: describeScim })),
]

/** Unknown paths and wrong methods below a path are guarded like it; the first that fits counts. */
export const guardedPrefixes: readonly {
  prefix: string
  guard: Guard
  feature?: (ctx: Ctx) => void
  requires?: (ctx: Ctx) => void
}[] = [
  { prefix: '/sso', guard: 'public', requires: requireSaml },
  { prefix: '/oauth', guard: 'public', requires: requireOAuthServer },
  { prefix: '/user/oauth/grants', guard: 'user', requires: requireOAuthServer },
  { prefix: '/admin/oauth/clients/:client_id', guard: 'oauth_client' },
  { prefix: '/admin/oauth', guard: 'admin', requires: requireOAuthServer },
  { prefix: '/admin/custom-providers', guard: 'admin', requires: requireCustomProviders },
  { prefix: '/admin/users/:user_id/factors/:factor_id', guard: 'account_factor' },
  { prefix: '/admin/users/:user_id', guard: 'account' },
  { prefix: '/admin/user/:user_id/factors/:factor_id', guard: 'account_factor' },
  { prefix: '/admin/user/:user_id', guard: 'account' },
  { prefix: '/admin/sso/providers/:provider_id', guard: 'sso_provider' },
  { prefix: '/admin', guard: 'admin' },
  { prefix: '/user', guard: 'user' },
  { prefix: '/factors/recovery-codes', guard: 'factors' },
  { prefix: '/factors/:factor_id', guard: 'factor' },
  { prefix: '/factors', guard: 'factors' },
  { prefix: '/reauthenticate', guard: 'user' },
  { prefix: '/passkeys/authentication', guard: 'public', feature: requirePasskeys },
  { prefix: '/passkeys/registration', guard: 'factors', feature: requirePasskeys },
  { prefix: '/passkeys/:passkey_id', guard: 'user', feature: requirePasskeys },
  { prefix: '/passkeys', guard: 'public', feature: requirePasskeys },
]
