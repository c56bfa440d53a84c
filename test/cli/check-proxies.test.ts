// What doctor says of proxies.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkProxies } from '../../src/cli/check-proxies.ts'
import { loadConfig } from '../../src/config/load.ts'

const advice = (env: Record<string, string>) =>
  checkProxies(
    loadConfig({
      DATABASE_URL: 'postgres://u:p@127.0.0.1/d',
      API_EXTERNAL_URL: 'https://auth.example.com',
      GOTRUE_SITE_URL: 'https://app.example.com',
      GOTRUE_JWT_SECRET: 'a secret of more than thirty-two characters',
      ...env,
    }).config,
  )

test('doctor asks for POSTERN_TRUSTED_PROXIES where nothing says whose word on clients counts', () => {
  assert.match(advice({})?.advice ?? '', /POSTERN_TRUSTED_PROXIES/)
  for (const env of [
    { POSTERN_TRUSTED_PROXIES: 'none' },
    { POSTERN_TRUSTED_PROXIES: '172.18.0.0/16' },
    { GOTRUE_RATE_LIMIT_HEADER: 'X-Real-IP' },
    { GOTRUE_SECURITY_SB_FORWARDED_FOR_ENABLED: 'true' },
  ] as Record<string, string>[])
    assert.equal(advice(env), null)
})
