// Values outside their sense by the type of each variable, secrets that everybody knows, and names as they were set.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Key } from '../../src/config/key-types.ts'
import { keys } from '../../src/config/keys.ts'
import { problemsOf, warningsOf } from '../support/config.ts'

const isKey = (entry: object): entry is Key<unknown> => 'read' in entry
const rowsOf = (table: object): Key<unknown>[] =>
  Object.values<object>(table as Record<string, object>).flatMap((entry) => (isKey(entry) ? [entry] : rowsOf(entry)))

/** What a value of each type cannot be. */
const nonsense: Record<string, string[]> = {
  int: ['-1', '1.5', 'ten', '1e3', '99999999999999999999'],
  seconds: ['-1', '1.5', '99999999999'],
  percent: ['-1', '101', '50%'],
  port: ['-1', '65536', '80.5', 'http'],
  number: ['-0.5', 'few', '1e999'],
  duration: ['-1s', '10', '900000h', '1 week'],
  rate: ['-1', '30/', '30/0s'],
  bool: ['yes', '2', 'on'],
  'time (RFC 3339)': ['tomorrow', '2026-13-01T00:00:00Z'],
  'name of a header': ['X Forwarded', 'a:b'],
  map: ['novalue', ':1'],
  'key=value,key=value': ['novalue'],
}

describe('values outside their sense', () => {
  for (const [type, values] of Object.entries(nonsense)) {
    const rows = rowsOf(keys).filter((key) => key.type === type)
    test(`of each variable of type ${type} stop the start, in a sentence with its name and not its value`, () => {
      assert.ok(rows.length > 0)
      for (const { env } of rows)
        for (const value of values) {
          const name = env.at(-1) ?? ''
          const [problem = '', ...more] = problemsOf({ [name]: value }).filter((sentence) =>
            sentence.startsWith(`${name} `),
          )
          assert.match(problem, / must /, `${name}=${value}`)
          assert.deepEqual(more, [])
          if (value.length > 3) assert.ok(!problem.replace(name, '').includes(value), problem)
        }
    })
  }

  test('a choice names the words that it takes, in any case', () => {
    assert.deepEqual(problemsOf({ GOTRUE_LOG_LEVEL: 'loud' }), [
      'GOTRUE_LOG_LEVEL must be trace or debug or info or warn or warning or error or fatal or panic',
    ])
    assert.deepEqual(problemsOf({ GOTRUE_LOG_LEVEL: 'DEBUG' }), [])
  })

  test('where a clock runs down, 24 days are the most', () => {
    assert.deepEqual(problemsOf({ GOTRUE_SECURITY_CAPTCHA_TIMEOUT: '1000h' }), [
      'GOTRUE_SECURITY_CAPTCHA_TIMEOUT must be 596h at most',
    ])
    assert.deepEqual(problemsOf({ GOTRUE_SESSIONS_TIMEBOX: '8760h' }), [])
  })

  test('what is replaced by a value that works warns, with both', () => {
    assert.deepEqual(warningsOf({ GOTRUE_MAILER_OTP_LENGTH: '4', GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION: '10s' }), [
      'GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION is 10s, which cannot be: 300s is used',
      'GOTRUE_MAILER_OTP_LENGTH is 4, which cannot be: 6 is used',
    ])
    assert.deepEqual(warningsOf({ GOTRUE_JWT_EXP: '0' }), [])
  })
})

describe('secrets', () => {
  const published: [name: string, value: string, more?: Record<string, string>][] = [
    ['GOTRUE_JWT_SECRET', 'super-secret-jwt-token-with-at-least-32-characters-long'],
    ['GOTRUE_JWT_SECRET', 'your-super-secret-jwt-token-with-at-least-32-characters-long'],
    ['GOTRUE_SMTP_PASS', 'fake_mail_password', { GOTRUE_SMTP_USER: 'fake_mail_user' }],
    ['DATABASE_URL', 'postgres://supabase_auth_admin:your-super-secret-and-long-postgres-password@db:5432/postgres'],
    ['GOTRUE_EXTERNAL_GITHUB_SECRET', 'your-client-secret'],
    ['GOTRUE_SECURITY_CAPTCHA_SECRET', '<secret>'],
    [
      'GOTRUE_JWT_KEYS',
      JSON.stringify([
        {
          ...{ kty: 'EC', kid: 'local', alg: 'ES256', crv: 'P-256', key_ops: ['sign', 'verify'] },
          x: 'M5Sjqn5zwC9Kl1zVfUUGvv9boQjCGd45G8sdopBExB4',
          y: 'P6IXMvA2WYXSHSOMTBH2jsw_9rrzGy89FjPf6oOsIxQ',
          d: 'dIhR8wywJlqlua4y_yMq2SLhlFXDZJBCvFrY1DCHyVU',
        },
      ]),
    ],
  ]
  for (const [name, value, more] of published)
    test(`${name} with a value that everybody can read (${value.slice(0, 12)}…) warns, without the value`, () => {
      const warnings = warningsOf({ ...more, [name]: value })
      assert.deepEqual(warnings, [
        `${name} holds a published example or a placeholder, which everybody knows: put a secret of your own there`,
      ])
    })
})

describe('what a feature lacks', () => {
  const expired = `e30.${Buffer.from('{"exp":1600000000}').toString('base64url')}.c2ln`
  const applications = { GOTRUE_OAUTH_SERVER_ENABLED: 'true', GOTRUE_JWT_ISSUER: 'https://auth.example' }
  const lacking: [env: Record<string, string>, says: RegExp][] = [
    [{ GOTRUE_JWT_AUD: '' }, /^GOTRUE_JWT_AUD is not set: .* set authenticated$/],
    [{ GOTRUE_JWT_DEFAULT_GROUP_NAME: '' }, /^GOTRUE_JWT_DEFAULT_GROUP_NAME is not set: .*row-level security/],
    [{ GOTRUE_SMTP_ADMIN_EMAIL: '' }, /^GOTRUE_SMTP_ADMIN_EMAIL is not set/],
    [{ GOTRUE_SMTP_USER: 'postern' }, /^GOTRUE_SMTP_PASS is not set/],
    [
      { GOTRUE_EXTERNAL_GITHUB_ENABLED: 'true' },
      /^GOTRUE_EXTERNAL_GITHUB_CLIENT_ID, GOTRUE_EXTERNAL_GITHUB_SECRET not set/,
    ],
    [
      {
        GOTRUE_EXTERNAL_KEYCLOAK_ENABLED: 'true',
        GOTRUE_EXTERNAL_KEYCLOAK_CLIENT_ID: 'a',
        GOTRUE_EXTERNAL_KEYCLOAK_SECRET: 'b',
      },
      /^GOTRUE_EXTERNAL_KEYCLOAK_URL not set: each sign-in with keycloak fails$/,
    ],
    [
      {
        GOTRUE_EXTERNAL_APPLE_ENABLED: 'true',
        GOTRUE_EXTERNAL_APPLE_CLIENT_ID: 'a',
        GOTRUE_EXTERNAL_APPLE_SECRET: expired,
      },
      /^GOTRUE_EXTERNAL_APPLE_SECRET has expired/,
    ],
    [{ GOTRUE_EXTERNAL_PHONE_ENABLED: 'true', GOTRUE_SMS_PROVIDER: 'http' }, /^POSTERN_SMS_HTTP_URL not set/],
    [{ POSTERN_OAUTH_FEATURES: 'device' }, /^POSTERN_OAUTH_FEATURES is set, but GOTRUE_OAUTH_SERVER_ENABLED is off/],
    [
      { ...applications, POSTERN_OAUTH_FEATURES: 'iss, Device' },
      /^POSTERN_OAUTH_FEATURES names device, but there is no page for codes: set POSTERN_OAUTH_DEVICE_PATH/,
    ],
    [{ ...applications, POSTERN_OAUTH_STRICT: 'false' }, /^POSTERN_OAUTH_STRICT is off/],
    [{ GOTRUE_JWT_VALID_METHODS: 'RS256' }, /^GOTRUE_JWT_VALID_METHODS lacks HS256, with which tokens are signed/],
    [{ GOTRUE_JWT_VALID_METHODS: 'HS256,ES256' }, /^GOTRUE_JWT_VALID_METHODS names ES256, for which there is no key/],
  ]
  for (const [env, says] of lacking)
    test(`${Object.keys(env).join(', ')} warns in one sentence`, () => {
      const warnings = warningsOf(env)
      assert.equal(warnings.length, 1, warnings.join('\n'))
      assert.match(warnings[0] ?? '', says)
    })
})

test('a feature that there is not stops the start with those that there are', () => {
  assert.match(
    problemsOf({ POSTERN_OAUTH_FEATURES: 'revocation, devices' }).join(),
    /^POSTERN_OAUTH_FEATURES must be a list of revocation, .*device.*, or all$/,
  )
})

describe('names', () => {
  test('a problem names the variable that was set, of those that mean the same', () => {
    assert.match(problemsOf({ GOTRUE_DB_DATABASE_URL: 'mysql://x' }).join(), /^GOTRUE_DB_DATABASE_URL must look like/)
    assert.match(problemsOf({ GOTRUE_API_EXTERNAL_URL: 'auth' }).join(), /^GOTRUE_API_EXTERNAL_URL must be an address/)
    assert.match(problemsOf({ PORT: '-1' }).join(), /^PORT must be a port/)
  })

  test("names of Supabase's compose file are told with what this server reads, unless that is set too", () => {
    assert.deepEqual(warningsOf({ SITE_URL: 'https://app.example.com', ENABLE_EMAIL_AUTOCONFIRM: 'true' }), [
      "ENABLE_EMAIL_AUTOCONFIRM is a name of Supabase's compose file; this server reads GOTRUE_MAILER_AUTOCONFIRM",
    ])
  })
})
