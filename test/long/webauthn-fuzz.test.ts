// Ten thousand mutated answers of authenticators: none is accepted by accident, none costs more than a 4xx.
// POSTERN_TEST_SEED repeats a run.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestAuthenticator } from '../support/authenticator.ts'
import { keyFactorCalls, passkeyCalls, webauthnEnv } from '../support/passkeys.ts'
import { type SignedIn, startTestServer, type TestServer } from '../support/server.ts'

const rounds = Number(process.env.POSTERN_TEST_ROUNDS ?? 10_000)
const seed = Number(process.env.POSTERN_TEST_SEED ?? Date.now() % 2 ** 31)
let server: TestServer
let passkeys: ReturnType<typeof passkeyCalls>
let keys: ReturnType<typeof keyFactorCalls>
before(async () => {
  server = await startTestServer({
    env: { ...webauthnEnv, GOTRUE_RATE_LIMIT_PASSKEY: '1000000', GOTRUE_PASSKEY_MAX_PASSKEYS_PER_USER: '1000000' },
  })
  passkeys = passkeyCalls(server)
  keys = keyFactorCalls(server)
})
after(() => server.close())

/** Numbers below 1 that follow from a seed (mulberry32). */
function createRandom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const random = createRandom(seed)
const below = (limit: number): number => Math.floor(random() * limit)
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T
const odd = [null, 0, -1, 1e308, true, '', 'a', ' ', '=', '\u{1f511}', [], {}, [[]], { id: {} }, 'A'.repeat(40_000)]

/** Bytes with some of them turned, cut, doubled or replaced by what CBOR and DER find hard. */
function mutateBytes(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const at = below(copy.length + 1)
  const kind = below(6)
  if (kind === 0 && copy.length > 0) copy[below(copy.length)] = below(256)
  else if (kind === 1) return copy.subarray(0, at)
  else if (kind === 2) return Buffer.concat([copy, Buffer.alloc(1 + below(64), below(256))])
  else if (kind === 3) return Buffer.concat([copy.subarray(0, at), oneOf(hard), copy.subarray(at)])
  else if (kind === 4)
    return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + below(8)))])
  else for (let i = 0; i < 4 && copy.length > 0; i++) copy[below(copy.length)] = below(256)
  return copy
}
const hard = [
  'ff',
  '9f',
  'bf',
  '5bffffffffffffffff',
  'a1',
  'fb7ff8000000000000',
  '818181818181',
  'c0',
  '7f',
  '1bffffffffffffffff',
].map((hex) => Buffer.from(hex, 'hex'))

/** A copy of an answer with something of it changed. */
function mutate(answer: Record<string, unknown>): unknown {
  const copy = structuredClone(answer)
  const response = Object(copy.response)
  const [where, name] = below(4) === 0 ? [copy, oneOf(Object.keys(copy))] : [response, oneOf(Object.keys(response))]
  const value = where[name]
  const kind = below(10)
  if (kind === 0) delete where[name]
  else if (kind === 1) where[name] = oneOf(odd)
  else if (kind === 2) where[name] = response[oneOf(Object.keys(response))]
  else if (typeof value === 'string') where[name] = mutateBytes(Buffer.from(value, 'base64url')).toString('base64url')
  else return oneOf<unknown>([copy, oneOf(odd)])
  return copy
}

const unchanged = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

test(`no mutated answer gives a 5xx or is accepted where what is signed was changed (seed ${seed})`, {
  timeout: 3_600_000,
}, async (t) => {
  const holder = await passkeys.personWithPasskey()
  const { session, id, key } = await keys.personWithKey()
  const again = (await server.request('POST', '/token?grant_type=password', {
    body: { email: session.user.email, password: 'correct horse battery staple' },
  })) as unknown as { body: SignedIn }
  const counts = new Map<number, number>()
  /** Whether only what is not signed was changed; a signature in other bytes is still one (it may have a longer end). */
  const harmless = (answer: Record<string, unknown>, mutated: unknown): boolean => {
    const part = (value: unknown) => {
      const { authenticatorData, clientDataJSON } = Object(Object(value).response)
      const { id, rawId, type } = Object(value)
      return [id, rawId, type, authenticatorData, clientDataJSON]
    }
    return unchanged(part(answer), part(mutated))
  }
  const judge = async (
    answer: Record<string, unknown>,
    send: (credential: unknown) => Promise<{ status: number; text: string }>,
  ) => {
    const mutated = mutate(answer)
    const { status, text } = await send(mutated)
    counts.set(status, (counts.get(status) ?? 0) + 1)
    const what = `${status} ${text.slice(0, 200)} for ${JSON.stringify(mutated).slice(0, 2000)}`
    assert.ok(status < 500, what)
    // A registration without attestation is not signed: another key or counter in it is another registration.
    if (status < 300 && 'signature' in Object(answer.response)) assert.ok(harmless(answer, mutated), what)
  }
  for (let i = 0; i < rounds; i++) {
    const kind = i % 4
    if (i % 100 === 99)
      await server.sql('delete from auth.webauthn_credentials where user_id = $1 and id <> $2', [
        holder.user.id,
        holder.passkey_id,
      ])
    if (kind === 0) {
      const { challenge_id, options } = await passkeys.askToRegister(holder.access_token)
      await judge(new TestAuthenticator().create(options), (credential) =>
        passkeys.register(holder.access_token, { challenge_id, credential }),
      )
    } else if (kind === 1) {
      const { challenge_id, options } = await passkeys.askToSignIn()
      await judge(holder.key.get(options), (credential) => passkeys.signIn({ challenge_id, credential }))
    } else if (kind === 2) {
      const { challenge_id, type, options } = await keys.challenge(again.body.access_token, id)
      await judge(key.get(options), (credential) =>
        keys.verify(again.body.access_token, id, challenge_id, type, credential),
      )
    } else {
      const body = mutate({
        challenge_id: crypto.randomUUID(),
        response: { credential: oneOf(odd), webauthn: oneOf(odd) },
      })
      const { status, text } = await server.request('POST', '/passkeys/authentication/verify', { body })
      counts.set(status, (counts.get(status) ?? 0) + 1)
      assert.ok(status >= 400 && status < 500, `${status} ${text} for ${JSON.stringify(body)}`)
    }
  }
  t.diagnostic(`answers by status: ${JSON.stringify(Object.fromEntries(counts))}`)
  const [{ count } = { count: -1 }] = await server.sql<{ count: number }>(
    `select count(*)::int as count from auth.webauthn_credentials where octet_length(public_key) > 1100 or octet_length(credential_id) > 1023`,
  )
  assert.equal(count, 0)
})
