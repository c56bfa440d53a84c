// POST /token?grant_type=web3: wallets of both chains, what a message must say, and what it must not be used for.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../support/server.ts'
import { ethereumWallet, type MessageFields, solanaWallet, type Wallet, walletMessage } from '../support/wallets.ts'

let server: TestServer
before(async () => {
  server = await startTestServer({
    env: {
      GOTRUE_URI_ALLOW_LIST: 'https://app.example/**',
      GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
      GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED: 'true',
      GOTRUE_RATE_LIMIT_WEB3: '100000',
    },
  })
})
after(() => server.close())

const show = (chain: string, message: string, signature: string) =>
  server.request('POST', '/token?grant_type=web3', { body: { chain, message, signature } })
const signIn = (wallet: Wallet, fields: MessageFields = {}) => {
  const message = walletMessage(wallet, fields)
  return show(wallet.chain, message, wallet.sign(message))
}
const idOf = (body: Record<string, unknown>): string => (body.user as { id: string }).id
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000)

for (const make of [ethereumWallet, solanaWallet]) {
  const { chain } = make()

  test(`${chain}: a wallet signs in to the same account each time, with an identity and two audit rows`, async () => {
    const wallet = make()
    const first = await signIn(wallet)
    const second = await signIn(wallet)
    assert.equal(first.status, 200, first.text)
    assert.equal(idOf(second.body), idOf(first.body))
    const rows = await server.sql('select provider, provider_id from auth.identities where user_id = $1', [
      idOf(first.body),
    ])
    assert.deepEqual(rows, [{ provider: 'web3', provider_id: `web3:${chain}:${wallet.address}` }])
    const audit = await server.sql<{ traits: Record<string, unknown> }>(
      `select payload->'traits' as traits from auth.audit_log_entries where payload->>'actor_id' = $1`,
      [idOf(first.body)],
    )
    assert.equal(audit.filter(({ traits }) => traits.address === wallet.address).length, 2)
    assert.equal(audit.length, 4)
  })

  test(`W3-02 ${chain}: a message opens one session, of ten at once too`, async () => {
    const wallet = make()
    const message = walletMessage(wallet)
    const signature = wallet.sign(message)
    const answers = await Promise.all(Array.from({ length: 10 }, () => show(chain, message, signature)))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const { status, body } of answers)
      if (status !== 200) assert.deepEqual([status, body.error], [400, 'invalid_grant'])
    const late = await show(chain, message, signature)
    assert.equal(late.body.error_description, 'Signed message has been used already')
    const sessions = await server.sql(
      `select s.id from auth.sessions s join auth.identities i on i.user_id = s.user_id where i.provider_id = $1`,
      [`web3:${chain}:${wallet.address}`],
    )
    assert.equal(sessions.length, 1)
  })

  // Times are made when the message is: tests before it may take minutes.
  const refusals: [string, () => MessageFields, string][] = [
    [
      'for another site',
      () => ({ uri: 'https://evil.example/', domain: 'evil.example' }),
      'not allowed on this server',
    ],
    ['whose domain is not that of its address', () => ({ domain: 'other.example' }), 'a Domain that does not match'],
    ['without HTTPS', () => ({ uri: 'http://app.example/in' }), 'does not use HTTPS'],
    ['issued long ago', () => ({ issuedAt: minutes(-11) }), 'issued too long ago'],
    ['issued in the future', () => ({ issuedAt: minutes(11) }), 'issued too far in the future'],
    ['that is not valid yet', () => ({ notBefore: minutes(5) }), 'becomes valid in the future'],
    ['that has expired', () => ({ issuedAt: minutes(-5), expirationTime: minutes(-1) }), 'is expired'],
  ]
  for (const [what, fields, problem] of refusals)
    test(`W3-03 ${chain}: a message ${what} opens nothing`, async () => {
      const wallet = make()
      const { status, body } = await signIn(wallet, fields())
      assert.deepEqual([status, body.error], [400, 'invalid_grant'])
      assert.match(String(body.error_description), new RegExp(problem))
      const rows = await server.sql('select from auth.identities where provider_id = $1', [
        `web3:${chain}:${wallet.address}`,
      ])
      assert.equal(rows.length, 0)
    })

  test(`W3-03 ${chain}: a message of 21 KB and one that another wallet signed are refused`, async () => {
    const [wallet, stranger] = [make(), make()]
    const long = walletMessage(wallet, { statement: 'x'.repeat(21 * 1024) })
    const tooLong = await show(chain, long, wallet.sign(long))
    assert.deepEqual([tooLong.status, tooLong.body.error_code], [400, 'validation_failed'])
    const message = walletMessage(wallet)
    const foreign = await show(chain, message, stranger.sign(message))
    assert.deepEqual([foreign.status, foreign.body.error], [400, 'invalid_grant'])
  })
}

test('an Ethereum address leads to one account however its letters are written', async () => {
  const wallet = ethereumWallet()
  const upper = `0x${wallet.address.slice(2).toUpperCase()}`
  const [first, second, third] = [
    await signIn(wallet, { address: upper }),
    await signIn(wallet),
    await signIn(wallet, { address: upper }),
  ]
  assert.equal(first.status, 200, first.text)
  assert.equal(idOf(second.body), idOf(first.body))
  assert.equal(idOf(third.body), idOf(first.body))
})

test('two spellings of one address at the same moment become one account', async () => {
  const wallet = ethereumWallet()
  const upper = `0x${wallet.address.slice(2).toUpperCase()}`
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, turn) => signIn(wallet, turn % 2 ? { address: upper } : {})),
  )
  assert.equal(new Set(answers.map(({ body }) => idOf(body))).size, 1)
})

test('a message of the other chain, a number and a list for a field are refused by name', async () => {
  const wallet = ethereumWallet()
  const message = walletMessage(wallet)
  const crossed = await show('solana', message, Buffer.alloc(64).toString('base64'))
  assert.match(String(crossed.body.msg), /^siws: message first line does not end in/)
  for (const wrong of [1, [], {}]) {
    const { status, body } = await server.request('POST', '/token?grant_type=web3', {
      body: { chain: 'ethereum', message: wrong, signature: '0x' },
    })
    assert.deepEqual([status, body.error_code], [400, 'bad_json'])
    assert.match(String(body.msg), /message/)
  }
})

test('a message that another site had signed signs in nowhere, though it names an address of this machine', async () => {
  const local = await startTestServer({
    env: { GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true', GOTRUE_URI_ALLOW_LIST: 'http://localhost:3000/**' },
    database: server.database,
    mail: server.mail,
  })
  const wallet = ethereumWallet()
  const ask = (domain: string) => {
    const message = walletMessage(wallet, { domain, uri: 'http://localhost:3000/in' })
    return local.request('POST', '/token?grant_type=web3', {
      body: { chain: 'ethereum', message, signature: wallet.sign(message) },
    })
  }
  const [foreign, own] = [await ask('evil.example'), await ask('localhost:3000')]
  await local.close()
  assert.deepEqual([foreign.status, foreign.body.error], [400, 'invalid_grant'])
  assert.equal(own.status, 200, own.text)
})
