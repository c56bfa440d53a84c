// The domain and the pages of passkeys and security keys: what cannot be asked stops the start, what browsers refuse warns.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayPagesAsk, relyingParty } from '../../src/config/relying-party.ts'
import { load, problemsOf, warningsOf } from '../support/config.ts'

const on = { GOTRUE_PASSKEY_ENABLED: 'true', GOTRUE_SITE_URL: 'https://app.example.com' }
const ofWebAuthn = (sentences: string[]) => sentences.filter((sentence) => /WEBAUTHN|passkeys/.test(sentence))
const problems = (env: Record<string, string>) => ofWebAuthn(problemsOf({ ...on, ...env }))
const warnings = (env: Record<string, string>) => ofWebAuthn(warningsOf({ ...on, ...env }))

test('the application is enough, and nothing is looked at while all of it is switched off', () => {
  assert.deepEqual([problems({}), warnings({})], [[], []])
  const off = { GOTRUE_PASSKEY_ENABLED: 'false', GOTRUE_WEBAUTHN_RP_ID: 'https://app.example.com/' }
  assert.deepEqual([problems(off), warnings(off)], [[], []])
})

test('a domain is no address, and a page no path', () => {
  for (const GOTRUE_WEBAUTHN_RP_ID of ['https://example.com', 'example.com:8080', 'Example.com', '.example.com'])
    assert.match(problems({ GOTRUE_WEBAUTHN_RP_ID }).join(), /^GOTRUE_WEBAUTHN_RP_ID must be a domain/)
  for (const GOTRUE_WEBAUTHN_RP_ORIGINS of [
    'app.example.com',
    'https://app.example.com/login',
    'https://a@example.com',
  ])
    assert.match(problems({ GOTRUE_WEBAUTHN_RP_ORIGINS }).join(), /^GOTRUE_WEBAUTHN_RP_ORIGINS must be origins/)
  const app = 'https://app.example.com/, android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS0H1xKCQcfIoGLoIg'
  assert.deepEqual(problems({ GOTRUE_WEBAUTHN_RP_ORIGINS: app }), [])
  assert.match(problems({ GOTRUE_SITE_URL: 'myapp:start' }).join(), /^GOTRUE_WEBAUTHN_RP_ID is required/)
})

test('pages that browsers will not let ask give a warning each', () => {
  assert.match(warnings({ GOTRUE_WEBAUTHN_RP_ID: 'example.com' }).join(), /^$/)
  assert.match(warnings({ GOTRUE_WEBAUTHN_RP_ID: 'other.com' }).join(), /app\.example\.com is not a page of other\.com/)
  assert.match(warnings({ GOTRUE_SITE_URL: 'http://app.example.com' }).join(), /is not https/)
  assert.match(warnings({ GOTRUE_SITE_URL: 'http://127.0.0.1:3000' }).join(), /only accept a domain/)
  assert.deepEqual(warnings({ GOTRUE_SITE_URL: 'http://localhost:3000' }), [])
})

test('pages of this server may ask for passkeys of their domain, whatever origins are listed', () => {
  const listed = { POSTERN_PAGES: 'true', GOTRUE_WEBAUTHN_RP_ORIGINS: 'https://app.example.com' }
  const own = { ...listed, GOTRUE_WEBAUTHN_RP_ID: 'example.com' }
  assert.deepEqual(relyingParty(load(own)).origins, ['https://app.example.com', 'https://auth.example.com'])
  assert.deepEqual(relyingParty(load({ ...own, POSTERN_PAGES: 'false' })).origins, ['https://app.example.com'])
  const elsewhere = load({ ...listed, GOTRUE_WEBAUTHN_RP_ID: 'app.example.com' })
  assert.deepEqual(relyingParty(elsewhere).origins, ['https://app.example.com'])
  assert.equal(mayPagesAsk(elsewhere), false)
})
