// What is made when it is first needed: once for all who ask, and anew where it failed.
import assert from 'node:assert/strict'
import { generateKeyPairSync, verify } from 'node:crypto'
import { registerHooks } from 'node:module'
import { test } from 'node:test'
import { createKmsSigner } from '../../src/crypto/kms-signer.ts'
import { AuthError } from '../../src/errors.ts'
import { createRedisStore } from '../../src/limits/redis-store.ts'
import { onFirstUse } from '../../src/on-first-use.ts'
import { arnOf, startFakeKms } from '../support/kms.ts'

test('it is made once for all who ask, and again only where that failed', async () => {
  let made = 0
  const get = onFirstUse(async () => {
    if (++made === 1) throw new Error('not yet')
    return made
  })
  assert.equal(get.made(), undefined)
  for (const outcome of await Promise.allSettled([get(), get()]))
    assert.equal(outcome.status === 'rejected' && outcome.reason.message, 'not yet')
  assert.equal(get.made(), undefined)
  assert.deepEqual(await Promise.all([get(), get(), get.made()]), [2, 2, 2])
})

const cause = new Error('its files cannot be read')

/** Keeps a package from being loaded. */
const withoutPackage = (name: string) =>
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === name) throw cause
      return next(specifier, context)
    },
  })
const isOutage = (error: unknown): boolean =>
  error instanceof AuthError && error.status === 503 && error.cause === cause

test('a client of KMS that could not be loaded is tried again by the next signature', async () => {
  const kms = await startFakeKms()
  Object.assign(process.env, kms.env)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  kms.keys.set(arnOf('main'), { private_key: privateKey })
  const hooks = withoutPackage('@aws-sdk/client-kms')
  try {
    const sign = createKmsSigner(fetch)({ arn: arnOf('main'), alg: 'RS256', region: 'us-east-2' })
    for (const _ of [1, 2]) await assert.rejects(sign('a text'), isOutage)
    hooks.deregister()
    const signature = Buffer.from(await sign('a text'), 'base64url')
    assert.ok(verify('sha256', Buffer.from('a text'), publicKey, signature))
  } finally {
    hooks.deregister()
    await kms.stop()
  }
})

test('a client of Redis that could not be loaded is tried again by the next request', async () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const store = createRedisStore({ url: 'redis://127.0.0.1:1', log })
  const take = () => store.take('a key', { kind: 'window', limit: 1, window_ms: 1000 })
  const hooks = withoutPackage('ioredis')
  try {
    for (const _ of [1, 2]) await assert.rejects(take, isOutage)
    hooks.deregister()
    // Nothing listens there: the client is loaded, and says so itself.
    await assert.rejects(take, (error) => error instanceof AuthError && error.status === 503 && !isOutage(error))
  } finally {
    hooks.deregister()
    await store.close()
  }
})
