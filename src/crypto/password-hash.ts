// Makes and checks password hashes off the event loop, at most one a core at a time.
import { createCipheriv, scrypt, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { invalid } from '../errors.ts'
import { type Meter, noMeter } from '../meter.ts'
import { type ForeignHash, matchesForeign } from './foreign-hash.ts'
import { createWasmEngine, loadNativeEngine, type PasswordEngine } from './password-engine.ts'
import { type FirebaseHash, parseStoredHash } from './stored-hash.ts'
import { createWorkQueue, type QueueState } from './work-queue.ts'

/** Every method but checkHash fails with AuthError 503 and Retry-After when all cores stay busy. */
export interface PasswordHasher {
  /**
   * A bcrypt hash of the hasher's cost, `$2a$`.
   * @throws AuthError 400 validation_failed over 72 bytes, of which bcrypt would ignore the rest
   */
  hash(password: string): Promise<string>
  /** Whether a password has a stored hash, of any form in stored-hash.ts; none over 72 bytes matches bcrypt. */
  verify(password: string, stored: string): Promise<boolean>
  /** Whether a password has an imported hash; it takes no less time than one of this server. */
  verifyForeign(password: string, foreign: ForeignHash): Promise<boolean>
  /** Takes as long as checking a password of this server, where there is none to check. */
  verifyNothing(password: string): Promise<void>
  /** Hashes that run and wait. */
  state(): QueueState
  /** As checkHash. */
  checkHash(stored: string): string | null
  /** Ends what hashes. */
  close(): Promise<void>
}

/**
 * `concurrency` 0 is one a core; `queue_ms` is how long to wait for a free one, 5000 by default; `cost` is the binary logarithm
 * of bcrypt's rounds, 10 by default, which takes some 60 ms. Without an engine it is native code where that can be loaded,
 * WebAssembly otherwise.
 */
export interface PasswordHasherOptions {
  concurrency?: number
  queue_ms?: number
  cost?: number
  meter?: Meter
  engine?: PasswordEngine
}

/** Makes a hasher; native code runs on libuv's threads, whose number is set by whoever starts the process. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { concurrency = 0, queue_ms = 5000, cost = 10, meter = noMeter, engine } = options
  const most = concurrency > 0 ? concurrency : availableParallelism()
  const queue = createWorkQueue(most, queue_ms)
  const loading = engine
    ? Promise.resolve(engine)
    : loadNativeEngine().then((native) => native.engine ?? createWasmEngine(most))
  const hashing = <T>(work: () => Promise<T>): Promise<T> => {
    meter.count('hashes_begun', {})
    return queue(work).finally(() => meter.count('hashes_made', {}))
  }
  const checking = <T>(work: () => Promise<T>): Promise<T> => {
    meter.count('checks_begun', {})
    return queue(work).finally(() => meter.count('checks_made', {}))
  }
  return {
    async hash(password) {
      if (Buffer.byteLength(password) > longest) throw invalid('Password cannot be longer than 72 characters')
      return hashing(async () => (await loading).hashBcrypt(password, cost))
    },
    verify: (password, stored) =>
      checking(() => onShort(password, async (short) => matches(await loading, short, { stored, cost }))),
    verifyForeign: (password, foreign) =>
      checking(() =>
        onShort(password, async (short) => {
          const by = await loading
          const [matched] = await Promise.all([matchesForeign(short, foreign, by), spendBcrypt(by, short, cost)])
          return matched
        }),
      ),
    verifyNothing: (password) => checking(async () => spendBcrypt(await loading, password, cost)),
    state: queue.state,
    checkHash,
    close: async () => (await loading).close(),
  }
}

/** What is wrong with a password hash that is to be stored; null when it can be checked within the limits of cost. */
export function checkHash(stored: string): string | null {
  const parsed = parseStoredHash(stored)
  return parsed.kind === 'unsupported' ? parsed.problem : null
}

/** Bytes of a password that bcrypt looks at. */
const longest = 72

/** Bytes of a password that are hashed at most, whatever the hash. */
const mostHashed = 1024

/** Checks the beginning of a password that is too long, so that its refusal takes as long as that of any wrong one (REV-09). */
async function onShort(password: string, check: (short: string) => Promise<boolean>): Promise<boolean> {
  const bytes = Buffer.from(password)
  if (bytes.length <= mostHashed) return check(password)
  await check(bytes.toString('utf8', 0, mostHashed))
  return false
}

const bcryptInput = (password: string): Buffer => Buffer.from(password).subarray(0, longest)

/** Salt and hash at the end of what bcrypt writes: the last letters of 16 and of 23 bytes carry two and four bits. */
const bcryptLetters = /[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/

/** Checks against a hash that no password is known for. */
async function spendBcrypt(by: PasswordEngine, password: string, ofCost: number): Promise<void> {
  await by.verifyBcrypt(bcryptInput(password), `$2b$${String(ofCost).padStart(2, '0')}$${'.'.repeat(53)}`)
}

/** `cost` is that of a password of this server, below which no check is cheaper. */
async function matches(
  by: PasswordEngine,
  password: string,
  { stored, cost }: { stored: string; cost: number },
): Promise<boolean> {
  const parsed = parseStoredHash(stored)
  if (parsed.kind === 'argon2') return by.verifyArgon2(password, parsed.text)
  if (parsed.kind === 'fbscrypt') return matchesFirebase(password, parsed)
  if (parsed.kind === 'unsupported') {
    // An account whose hash cannot be checked must look like any other.
    await spendBcrypt(by, password, cost)
    return false
  }
  if (!bcryptLetters.test(parsed.text)) {
    // Letters whose last bits bcrypt never writes are refused at once; that must not be seen either (security REV-11).
    await spendBcrypt(by, password, cost)
    return false
  }
  const matched = await by.verifyBcrypt(bcryptInput(password), parsed.text)
  // Each step of cost doubles the time: c + c + (c+1) + … + 9 takes as long as one of our own, as for an unknown account.
  for (let filler = parsed.cost; filler < cost; filler++) await spendBcrypt(by, password, filler)
  // The rest would count for nothing: such a password was never set.
  return matched && Buffer.byteLength(password) <= longest
}

const deriveScrypt = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)

async function matchesFirebase(password: string, { n, r, p, salt, signer_key, hash }: FirebaseHash): Promise<boolean> {
  const N = 2 ** n
  const derived = await deriveScrypt(password, salt, 32, { N, r, p, maxmem: 128 * r * (N + p + 2) + 1024 })
  const cipher = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16))
  const made = Buffer.concat([cipher.update(signer_key), cipher.final()])
  return made.length === hash.length && timingSafeEqual(made, hash)
}
