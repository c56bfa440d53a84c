// Passkeys and security keys over the API, for tests of what surrounds them.
import assert from 'node:assert/strict'
import { type Changes, TestAuthenticator } from './authenticator.ts'
import type { Answer, RequestOptions, SignedIn, TestServer } from './server.ts'

/** Variables that switch passkeys and security keys on, for the pages that a TestAuthenticator says it is on. */
export const webauthnEnv = {
  GOTRUE_PASSKEY_ENABLED: 'true',
  GOTRUE_MFA_WEB_AUTHN_ENROLL_ENABLED: 'true',
  GOTRUE_MFA_WEB_AUTHN_VERIFY_ENABLED: 'true',
  GOTRUE_WEBAUTHN_RP_ID: 'app.example.test',
  GOTRUE_WEBAUTHN_RP_DISPLAY_NAME: 'Example',
  GOTRUE_WEBAUTHN_RP_ORIGINS: 'http://app.example.test',
  GOTRUE_MFA_RATE_LIMIT_CHALLENGE_AND_VERIFY: '100000',
}

/** Options and the id of their challenge. */
export interface Begun {
  challenge_id: string
  options: Record<string, unknown>
}

/** The calls of people with passkeys. */
export function passkeyCalls(server: TestServer) {
  const begin = async (path: string, token?: string) => {
    const { status, body, text } = await server.request('POST', path, { body: {}, ...(token && { token }) })
    assert.equal(status, 200, text)
    return body as unknown as Begun
  }
  const askToRegister = (token: string) => begin('/passkeys/registration/options', token)
  const askToSignIn = () => begin('/passkeys/authentication/options')
  const register = (token: string, body: unknown, more: RequestOptions = {}): Promise<Answer> =>
    server.request('POST', '/passkeys/registration/verify', { token, body, ...more })
  const signIn = (body: unknown, more: RequestOptions = {}): Promise<Answer> =>
    server.request('POST', '/passkeys/authentication/verify', { body, ...more })
  return {
    askToRegister,
    askToSignIn,
    register,
    signIn,
    async registerWith(token: string, key: TestAuthenticator, changes?: Changes): Promise<Answer> {
      const { challenge_id, options } = await askToRegister(token)
      return register(token, { challenge_id, credential: key.create(options, changes) })
    },
    async signInWith(key: TestAuthenticator, changes?: Changes): Promise<Answer> {
      const { challenge_id, options } = await askToSignIn()
      return signIn({ challenge_id, credential: key.get(options, changes) })
    },
    async personWithPasskey(key = new TestAuthenticator()) {
      const person = await server.user({ email: `${crypto.randomUUID()}@example.com` })
      const made = await this.registerWith(person.access_token, key)
      assert.equal(made.status, 200, made.text)
      return { ...person, key, passkey_id: String(made.body.id) }
    },
  }
}

/** The calls of people with security keys as second factors. */
export function keyFactorCalls(server: TestServer) {
  const address = '192.0.2.50'
  const enroll = async (token: string, friendly_name = crypto.randomUUID()) => {
    const made = await server.request('POST', '/factors', { token, body: { factor_type: 'webauthn', friendly_name } })
    assert.equal(made.status, 200, made.text)
    return String(made.body.id)
  }
  const challenge = async (token: string, id: string) => {
    const { status, body, text } = await server.request('POST', `/factors/${id}/challenge`, {
      token,
      address,
      body: {},
    })
    assert.equal(status, 200, text)
    const { type, credential_options } = Object(body.webauthn)
    return { challenge_id: String(body.id), type: String(type), options: Object(credential_options).publicKey }
  }
  const verify = (token: string, id: string, challenge_id: string, type: string, credential_response: unknown) =>
    server.request('POST', `/factors/${id}/verify`, {
      token,
      address,
      body: { challenge_id, webauthn: { type, credential_response } },
    })
  return {
    enroll,
    challenge,
    verify,
    async enrolWith(token: string, key: TestAuthenticator, changes?: Changes) {
      const id = await enroll(token)
      const { challenge_id, options } = await challenge(token, id)
      return { id, answer: await verify(token, id, challenge_id, 'create', key.create(options, changes)) }
    },
    async useWith(token: string, id: string, key: TestAuthenticator, changes?: Changes): Promise<Answer> {
      const { challenge_id, type, options } = await challenge(token, id)
      return verify(token, id, challenge_id, type, key.get(options, changes))
    },
    /** A person whose first session has shown a security key. */
    async personWithKey(key = new TestAuthenticator()) {
      const session = await server.user({ email: `${crypto.randomUUID()}@example.com` })
      const { id, answer } = await this.enrolWith(session.access_token, key)
      assert.equal(answer.status, 200, answer.text)
      return { session, id, key, raised: answer.body as unknown as SignedIn }
    },
  }
}

/** Status and code of a refusal. */
export const refusal = ({ status, body }: Answer): string => `${status} ${body.error_code}`
