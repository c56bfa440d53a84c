// supabase-js with wallets and recovery codes: the published client against `postern dev`.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient } from '@supabase/supabase-js'
import { totpCode } from '../../src/crypto/totp.ts'
import { type DevProcess, startDev } from '../support/process.ts'
import { ethereumWallet, solanaWallet, walletMessage } from '../support/wallets.ts'

let dev: DevProcess
let state_dir: string
before(async () => {
  state_dir = await mkdtemp(join(tmpdir(), 'postern-wallets-'))
  dev = await startDev({
    state_dir,
    env: {
      GOTRUE_URI_ALLOW_LIST: 'https://app.example/**',
      GOTRUE_EXTERNAL_WEB3_ETHEREUM_ENABLED: 'true',
      GOTRUE_EXTERNAL_WEB3_SOLANA_ENABLED: 'true',
      GOTRUE_MAILER_AUTOCONFIRM: 'true',
    },
  })
})
after(async () => {
  await dev?.stop()
  await rm(state_dir, { recursive: true, force: true })
})

const client = () =>
  createClient(dev.url, dev.anon_key, {
    auth: { persistSession: false, autoRefreshToken: false, experimental: { recoveryCodes: true } },
  })

test('signInWithWeb3 signs an Ethereum wallet in', async () => {
  const wallet = ethereumWallet()
  const message = walletMessage(wallet)
  const signature = wallet.sign(message) as `0x${string}`
  const { data, error } = await client().auth.signInWithWeb3({ chain: 'ethereum', message, signature })
  assert.equal(error, null)
  assert.deepEqual(data.user?.app_metadata.providers, ['web3'])
})

test('signInWithWeb3 signs a Solana wallet in', async () => {
  const wallet = solanaWallet()
  const message = walletMessage(wallet)
  const signature = Uint8Array.from(Buffer.from(wallet.sign(message), 'base64'))
  const { data, error } = await client().auth.signInWithWeb3({ chain: 'solana', message, signature })
  assert.equal(error, null)
  assert.deepEqual(
    data.user?.identities?.map(({ id }) => id),
    [`web3:solana:${wallet.address}`],
  )
})

test('mfa.recoveryCodes makes codes, counts them, takes one, and gives them up', async () => {
  const { auth } = client()
  await auth.signUp({ email: 'codes@example.com', password: 'correct horse battery staple' })
  const { data: factor } = await auth.mfa.enroll({ factorType: 'totp', friendlyName: 'app' })
  assert.ok(factor?.type === 'totp')
  const code = totpCode(factor.totp.secret, Date.now() / 1000)
  assert.equal((await auth.mfa.challengeAndVerify({ factorId: factor.id, code })).error, null)
  const { data: made, error } = await auth.mfa.recoveryCodes.generate({ friendlyName: 'Backup codes' })
  assert.equal(error, null)
  assert.equal(made?.codes.length, 10)
  const { data: shown } = await auth.mfa.recoveryCodes.verify({ code: made?.codes[0]?.toUpperCase() ?? '' })
  assert.ok(shown?.access_token)
  const { data: left } = await auth.mfa.recoveryCodes.getStatus()
  assert.deepEqual([left?.total, left?.remaining], [10, 9])
  assert.equal((await auth.mfa.recoveryCodes.regenerate()).data?.id, made?.id)
  assert.equal((await auth.mfa.recoveryCodes.unenroll()).data?.id, made?.id)
})
