// What authenticators sign: every algorithm that is offered, and every way in which an answer can be wrong.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createProofThread, type ProofThread, webauthnAlgorithms } from '../../src/crypto/proof-thread.ts'
import { readAssertion, readRegistration } from '../../src/crypto/webauthn-answer.ts'
import { algorithms, type Changes, cbor, TestAuthenticator } from '../support/authenticator.ts'
import { cpuTime } from '../support/cpu-time.ts'

let webauthn: ProofThread
before(() => {
  webauthn = createProofThread()
})
after(() => webauthn.close())

const asked = { challenge: 'Y2hhbGxlbmdl', rp_id: 'app.example.test', origins: ['http://app.example.test'] }
const options = { challenge: asked.challenge, user: { id: 'dXNlcg' } }

async function register(key: TestAuthenticator, changes?: Changes) {
  const answer = readRegistration(key.create(options, changes))
  assert.ok(answer)
  return webauthn.checkRegistration(answer, asked)
}
async function made(key: TestAuthenticator) {
  const credential = await register(key)
  assert.ok(credential.ok, JSON.stringify(credential))
  return credential
}
async function use(key: TestAuthenticator, public_key: string, changes?: Changes) {
  const answer = readAssertion(key.get(options, changes))
  assert.ok(answer)
  return webauthn.checkAssertion(answer, asked, public_key)
}

for (const [name, { cose }] of Object.entries(algorithms)) {
  const offered = webauthnAlgorithms.includes(Number(cose({}).get(3)))
  test(`a key of ${name} is ${offered ? 'made and used' : 'not accepted'}`, async () => {
    const key = new TestAuthenticator({ algorithm: name as keyof typeof algorithms })
    if (!offered) {
      const refused = await register(key)
      assert.equal(!refused.ok && refused.problem, 'refused')
      return
    }
    const { public_key, id, ...rest } = await made(key)
    assert.deepEqual(rest, {
      ok: true,
      aaguid: '00000000-0000-0000-0000-000000000000',
      sign_count: 0,
      format: 'none',
      user_verified: true,
      backup_eligible: false,
      backed_up: false,
    })
    assert.equal(id, key.id.toString('base64url'))
    assert.deepEqual(await use(key, public_key), {
      ok: true,
      sign_count: 1,
      user_verified: true,
      backup_eligible: false,
      backed_up: false,
    })
    const forged = await use(key, public_key, { bad_signature: true })
    assert.equal(!forged.ok && forged.problem, 'refused')
  })
}

const wrongs: [what: string, changes: Changes][] = [
  ['another origin', { origin: 'https://app.example.test' }],
  ['an origin that ends like it', { origin: 'http://evil.app.example.test' }],
  ['another relying party', { rp_id: 'example.test' }],
  ['another challenge', { challenge: 'AAAA' }],
  ['another type', { type: 'payment.get' }],
  ['nobody present', { flags: 0x44 }],
  ['backed up though it cannot be', { flags: 0x55 }],
]
for (const [what, changes] of wrongs)
  test(`${what} is refused at registration and at use`, async () => {
    const refused = await register(new TestAuthenticator(), changes)
    assert.equal(!refused.ok && refused.problem, 'refused', JSON.stringify(refused))
    const key = new TestAuthenticator()
    const { public_key } = await made(key)
    const flags = changes.flags === undefined ? {} : { flags: changes.flags & ~0x40 }
    const forged = await use(key, public_key, { ...changes, ...flags })
    assert.equal(!forged.ok && forged.problem, 'refused', JSON.stringify(forged))
  })

test('a key that no signature can be checked with is refused at registration', async () => {
  const ec = (parts: [number, unknown][]) => new Map<number, unknown>([[1, 2], [3, -7], [-1, 1], ...parts])
  const off_curve = ec([
    [-2, Buffer.alloc(32, 1)],
    [-3, Buffer.alloc(32, 2)],
  ])
  const huge = new Map<number, unknown>([
    [1, 3],
    [3, -257],
    [-1, Buffer.alloc(4096, 0xff)],
    [-2, Buffer.from([1, 0, 1])],
  ])
  for (const cose of [off_curve, huge, ec([]), new Map([[3, -7]]), new Map()]) {
    const refused = await register(new TestAuthenticator(), { cose })
    assert.equal(refused.ok, false)
  }
})

test('broken CBOR is malformed, however it is broken', async () => {
  const key = new TestAuthenticator()
  const whole = Buffer.from(String(Object(key.create(options).response).attestationObject), 'base64url')
  const broken = [
    Buffer.from([0xff]),
    whole.subarray(0, whole.length - 20),
    Buffer.concat([whole, Buffer.from([0])]).subarray(1),
    cbor('text'),
    cbor([1, 2, 3]),
    cbor(new Map([['fmt', 'none']])),
    Buffer.alloc(20_000, 0x81),
    Buffer.from([0xbf, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  ]
  for (const attestation of broken) {
    const outcome = await register(key, { attestation })
    assert.equal(!outcome.ok && outcome.problem, 'malformed', attestation.subarray(0, 8).toString('hex'))
  }
})

test('a statement of the authenticator about itself must verify; one of a manufacturer counts as none', async () => {
  const key = new TestAuthenticator()
  const self = (sig: (signed: Buffer) => Buffer) => ({
    fmt: 'packed',
    att_stmt: (signed: Buffer) =>
      new Map<string, unknown>([
        ['alg', -7],
        ['sig', sig(signed)],
      ]),
  })
  const own = await register(key, self(key.sign))
  assert.equal(own.ok && own.format, 'packed', JSON.stringify(own))
  const forged = await register(
    key,
    self(() => key.sign(Buffer.from('something else'))),
  )
  assert.equal(!forged.ok && forged.problem, 'refused')
  const x5c = () => new Map<string, unknown>([['x5c', [Buffer.from('no certificate')]]])
  for (const fmt of ['packed', 'apple', 'android-key', 'fido-u2f']) {
    const maker = await register(key, { fmt, att_stmt: x5c })
    assert.equal(maker.ok && maker.format, 'none', JSON.stringify(maker))
  }
  const none = await register(key, { att_stmt: () => new Map([['sig', 'x']]) })
  assert.equal(!none.ok && none.problem, 'refused')
})

test('what is no answer of a browser is not read', () => {
  const right = new TestAuthenticator().create(options)
  assert.ok(readRegistration(right))
  const response = Object(right.response)
  const wrong: unknown[] = [
    null,
    'text',
    [],
    {},
    { ...right, id: 'other' },
    { ...right, id: '', rawId: '' },
    { ...right, type: 'password' },
    { ...right, rawId: `${right.id}==` },
    { ...right, response: null },
    { ...right, response: { ...response, clientDataJSON: 5 } },
    { ...right, response: { ...response, attestationObject: 'a'.repeat(40_000) } },
    { ...right, response: { ...response, attestationObject: 'not/base64url+' } },
  ]
  for (const value of wrong) assert.equal(readRegistration(value), null, JSON.stringify(value)?.slice(0, 100))
})

test('checks leave the event loop alone', async () => {
  const key = new TestAuthenticator({ algorithm: 'ES512' })
  const { public_key } = await made(key)
  const answers = Array.from({ length: 100 }, () => readAssertion(key.get(options)))
  const { thread_ms, process_ms } = await cpuTime(async () => {
    // No more at once than the thread takes: none waits for its turn, which would be for two seconds at most.
    for (let at = 0; at < answers.length; at += 25) {
      const outcomes = answers.slice(at, at + 25).map((answer) => {
        assert.ok(answer)
        return webauthn.checkAssertion(answer, asked, public_key)
      })
      for (const { ok } of await Promise.all(outcomes)) assert.ok(ok)
    }
  })
  // A check takes a millisecond or two of its own thread, and a small part of that here.
  assert.ok(thread_ms < process_ms / 3, `${thread_ms} ms of ${process_ms} ms`)
})

test('a thread that dies fails what waits with 503, and another takes over', async () => {
  const own = createProofThread()
  const key = new TestAuthenticator()
  const answer = readRegistration(key.create(options))
  assert.ok(answer)
  const waiting = own.checkRegistration(answer, asked)
  await Promise.all([
    assert.rejects(waiting, ({ status }: { status: number }) => status === 503),
    // Once it was asked, and before the event loop turns: no answer can have come.
    new Promise<void>((resolve) => process.nextTick(resolve)).then(() => own.close()),
  ])
  assert.equal((await own.checkRegistration(answer, asked)).ok, true)
  await own.close()
})
