// People who ask a server that speaks our API, and what they ask for.
import { signJwt } from '../../src/crypto/jwt.ts'
import { loadKeys } from '../../src/crypto/keys.ts'
import { benchSecret } from './bench.ts'
import { type BenchClient, benchClient } from './bench-client.ts'
import { connections } from './in-turns.ts'

/** The password of everybody. */
export const password = 'correct horse battery staple'

/** Requests of people, each by the number of a client. */
export interface People {
  client: BenchClient
  user(client: number): Promise<unknown>
  list(query?: string): Promise<Record<string, unknown>>
  refresh(client: number): Promise<unknown>
  signIn(client: number): Promise<unknown>
  signUp(): Promise<unknown>
  signOut(client: number): Promise<unknown>
  isSignedIn(client: number): boolean
}

interface Tokens {
  access_token: string
  refresh_token: string
}

/** Signs somebody up for each of so many connections; everybody else is there before. */
export async function signUpPeople(port: number, count = connections): Promise<People> {
  const client = benchClient(port, count)
  const { ask } = client
  const people: (Tokens | null)[] = []
  const ring = loadKeys({ secret: benchSecret, key_id: '', keys_json: '', valid_methods: [] })
  const admin = await signJwt(
    { role: 'service_role', aud: 'authenticated', exp: Math.floor(Date.now() / 1000) + 36_000 },
    ring.signing,
  )
  let key = 0
  let next = 0
  // Each request is by an address of its own, since limits are no part of what is measured.
  const post = async (path: string, body: object): Promise<Tokens> =>
    (await ask('POST', path, { body, headers: { 'x-rate-key': `${port} ${key++}` } })) as unknown as Tokens
  const addressOf = (n: number) => `person${n}@example.com`
  // A few at once: who waits for two seconds to be hashed is refused.
  const few = 4
  for (let n = 0; n < count; n += few) {
    const group = Array.from({ length: few }, (_, i) => post('/signup', { email: addressOf(n + i), password }))
    people.push(...(await Promise.all(group)))
  }
  const token = (n: number): string => people[n]?.access_token ?? ''
  return {
    client,
    user: (n) => ask('GET', '/user', { token: token(n) }),
    list: (query = '') => ask('GET', `/admin/users${query}`, { token: admin }),
    async refresh(n) {
      people[n] = await post('/token?grant_type=refresh_token', { refresh_token: people[n]?.refresh_token })
    },
    async signIn(n) {
      people[n] = await post('/token?grant_type=password', { email: addressOf(n), password })
    },
    signUp: () => post('/signup', { email: `new${next++}@example.com`, password }),
    async signOut(n) {
      const leaving = token(n)
      people[n] = null
      await ask('POST', '/logout?scope=local', { token: leaving })
    },
    isSignedIn: (n) => people[n] !== null,
  }
}
