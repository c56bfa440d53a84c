// The form that the claims of an access token must have after a hook has replaced them.
import { AuthError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json-values.ts'
import { misshapen } from './read-reply.ts'

type JsonType = 'string' | 'integer' | 'boolean' | 'object' | 'array'

const required = ['aud', 'exp', 'iat', 'sub', 'email', 'phone', 'role', 'aal', 'session_id', 'is_anonymous']

const types: Record<string, JsonType[]> = {
  aud: ['string', 'array'],
  exp: ['integer'],
  iat: ['integer'],
  nbf: ['integer'],
  sub: ['string'],
  jti: ['string'],
  iss: ['string'],
  client_id: ['string'],
  email: ['string'],
  phone: ['string'],
  role: ['string'],
  aal: ['string'],
  session_id: ['string'],
  is_anonymous: ['boolean'],
  app_metadata: ['object'],
  user_metadata: ['object'],
  amr: ['array'],
}

/** Types of the items of lists. */
const items: Record<string, JsonType[]> = { aud: ['string'], amr: ['string', 'object'] }

/**
 * The claims, if they are what a token of ours needs.
 * @throws AuthError 500 that lists what is wrong, a line each
 */
export function checkClaims(claims: unknown): JsonObject {
  if (!isJsonObject(claims)) throw misshapen('claims is no object')
  const problems = required.filter((name) => !Object.hasOwn(claims, name)).map((name) => `(root): ${name} is required`)
  for (const [name, allowed] of Object.entries(types)) {
    if (!Object.hasOwn(claims, name)) continue
    const value = claims[name]
    const wrong = mismatch(name, value, allowed)
    if (wrong) problems.push(wrong)
    else if (Array.isArray(value)) problems.push(...wrongItems(name, value))
  }
  if (problems.length === 0) return claims
  const list = problems.map((problem) => `- ${problem}\n`).join('')
  throw new AuthError(500, '', `output claims do not conform to the expected schema: \n${list}`)
}

function wrongItems(name: string, list: unknown[]): string[] {
  return list.flatMap((item, index) => mismatch(`${name}.${index}`, item, items[name] ?? []) ?? [])
}

function mismatch(where: string, value: unknown, allowed: JsonType[]): string | null {
  const given = typeName(value)
  if (allowed.some((type) => type === given)) return null
  const expected = allowed.length === 1 ? allowed[0] : `[${allowed.join(',')}]`
  return `${where}: Invalid type. Expected: ${expected}, given: ${given}`
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value
}
