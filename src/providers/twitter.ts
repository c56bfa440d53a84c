// Twitter, the one provider of OAuth 1.0a (RFC 5849): requests are signed with HMAC-SHA1.
import { createHmac } from 'node:crypto'
import { oneEmail, standardClaims } from './claims.ts'
import type { OAuthPerson, SignInProvider } from './engine.ts'
import { baseOf, type ProviderSettings, type ProviderTokens } from './provider.ts'
import { object, parseJson, readAnswer, text } from './read-answer.ts'
import type { Call } from './safe-fetch.ts'

const host = 'api.twitter.com'

/** The key of a token, and the secret that signs for it. */
interface SigningToken {
  token: string
  secret: string
}

/** Percent-encoding of RFC 5849 §3.6. */
const encode = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** The Authorization header of a request (RFC 5849 §3.4, §3.5.1). */
function signRequest(
  request: { method: 'GET' | 'POST'; address: string; own: Record<string, string> },
  client: { id: string; secret: string },
  signing: SigningToken,
  once: { nonce: string; timestamp: number },
): string {
  const url = new URL(request.address)
  const parameters: Record<string, string> = {
    oauth_consumer_key: client.id,
    oauth_nonce: once.nonce,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: String(once.timestamp),
    oauth_version: '1.0',
    ...(signing.token !== '' && { oauth_token: signing.token }),
    ...request.own,
  }
  const all = [...Object.entries(parameters), ...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const base = [request.method, `${url.origin}${url.pathname}`, all].map(encode).join('&')
  const key = `${encode(client.secret)}&${encode(signing.secret)}`
  const signed = { ...parameters, oauth_signature: createHmac('sha1', key).update(base).digest('base64') }
  return `OAuth ${Object.entries(signed)
    .map(([name, value]) => `${encode(name)}="${encode(value)}"`)
    .join(', ')}`
}

/** Twitter as a provider; `secret` of a sign-in is the secret of its request token. */
export function createTwitter(
  settings: ProviderSettings,
  tools: { call: Call; now: () => number; random: (size: number) => Buffer },
): SignInProvider {
  const base = baseOf(host, settings)
  const client = { id: settings.client_id[0] ?? '', secret: settings.secret }
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    own: Record<string, string>,
    signing: SigningToken,
    signal: AbortSignal,
  ): Promise<string> => {
    const address = base + path
    const once = { nonce: tools.random(16).toString('hex'), timestamp: Math.floor(tools.now() / 1000) }
    const authorization = signRequest({ method, address, own }, client, signing, once)
    const answer = await readAnswer(await tools.call(address, { method, headers: { authorization }, signal }))
    if (answer.status < 200 || answer.status > 299) throw new Error(`the provider answered ${answer.status}`)
    return answer.text
  }
  const readToken = (answer: string): SigningToken => {
    const fields = new URLSearchParams(answer)
    const [token, secret] = [fields.get('oauth_token') ?? '', fields.get('oauth_token_secret') ?? '']
    if (token === '') throw new Error('the answer has no token')
    return { token, secret }
  }
  return {
    email_optional: settings.email_optional,
    async begin({ state, signal }) {
      const callback = new URL(settings.redirect_uri)
      callback.searchParams.set('state', state)
      const own = { oauth_callback: callback.href }
      const { token, secret } = readToken(
        await send('POST', '/oauth/request_token', own, { token: '', secret: '' }, signal),
      )
      return { location: `${base}/oauth/authenticate?oauth_token=${encodeURIComponent(token)}`, secret }
    },
    async exchange({ parameters, secret, signal }): Promise<ProviderTokens> {
      const own = { oauth_verifier: parameters.get('oauth_verifier') ?? '' }
      const signing = { token: parameters.get('oauth_token') ?? '', secret: secret ?? '' }
      const access = readToken(await send('POST', '/oauth/access_token', own, signing, signal))
      const answer = { oauth_token_secret: access.secret }
      return { access_token: access.token, refresh_token: '', expires_in: null, id_token: '', answer }
    },
    async profile({ tokens, signal }: OAuthPerson) {
      const path = '/1.1/account/verify_credentials.json'
      const signing = { token: tokens.access_token, secret: text(tokens.answer.oauth_token_secret) }
      const query = '?include_email=true&include_entities=false&skip_status=true'
      const person = object(parseJson(await send('GET', path + query, {}, signing, signal)))
      const name = text(person.screen_name)
      const picture = person.profile_image_url_https
      return {
        // Twitter tells of no address but one that it verified (reference of verify_credentials).
        emails: oneEmail(person.email, true),
        claims: {
          ...standardClaims(base + path, { id: person.id_str, name: person.name, picture }),
          preferred_username: name,
          user_name: name,
        },
      }
    },
    refresh: () => Promise.reject(new Error('tokens of OAuth 1.0a are not refreshed')),
  }
}
