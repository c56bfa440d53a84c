// Sign in with Apple: comes back as a form post, and tells a name only the first time, outside of its ID token.
import type { Provider } from './provider.ts'
import { object, parseJson, text } from './read-answer.ts'

export const appleIssuer = 'https://appleid.apple.com'

export const apple: Provider = {
  title: 'Apple',
  email_proof: 'email_verified',
  scopes: ['email', 'name'],
  fixed_scopes: true,
  issuer: appleIssuer,
  parameters: { response_mode: 'form_post' },
  forwards: false,
  token_fields: ({ client_id, secret }) => ({ client_id: client_id[0] ?? '', secret }),
  async profile({ tokens, form_user, fromIdToken }) {
    const profile = await fromIdToken({
      place: { issuer: appleIssuer, any_issuer: true },
      accepts_issuer: () => true,
      access_token: tokens.access_token,
    })
    const name = nameOf(form_user)
    return name === '' ? profile : { ...profile, claims: { ...profile.claims, name, full_name: name } }
  },
}

/** The name in the form field `user`; `''` when there is none. It comes through the browser, and is only a name. */
function nameOf(form_user: string): string {
  if (form_user === '') return ''
  const { firstName, lastName } = object(object(parseJson(form_user)).name)
  return `${text(firstName)} ${text(lastName)}`.trim()
}
