// What a configuration is without being told, and what stops the start.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, test } from 'node:test'
import { ConfigError, type Environment, loadConfig } from '../../src/config/load.ts'
import { eachIsRefused, least, load, problemsOf } from '../support/config.ts'

const hook_secret = `v1,whsec_${Buffer.from('one secret of thirty-two bytes!!').toString('base64')}`
const key_a = Buffer.alloc(32, 1).toString('base64url')
const key_b = Buffer.alloc(32, 2).toString('base64url')

describe('defaults', () => {
  test('a configuration of the required variables alone is good and warns of nothing', () => {
    const { config, warnings } = loadConfig(least)
    assert.deepEqual(warnings, [])
    assert.equal(config.db_driver, 'postgres')
    assert.equal(config.db_namespace, 'auth')
    assert.equal(config.api_port, 8081)
    assert.equal(config.smtp_port, 587)
    assert.equal(config.rate_limit_token_refresh, 150)
    assert.equal(config.rate_limit_o_auth_dynamic_client_register, 10)
    assert.deepEqual(config.external_allowed_id_token_issuers, [
      'https://appleid.apple.com',
      'https://accounts.google.com',
    ])
    assert.equal(config.security_refresh_token_rotation_enabled, true)
    assert.equal(config.sessions_timebox, 0)
    assert.equal(config.sms_otp_exp, 60)
    assert.equal(config.db_prepare, true)
    assert.equal(config.mail_text, false)
    assert.equal(config.verify_confirm, false)
    assert.deepEqual(config.trusted_proxies, [])
  })

  test('two configurations share no lists', () => {
    load().jwt_admin_roles.push('somebody')
    assert.deepEqual(load().jwt_admin_roles, ['service_role', 'supabase_admin'])
  })

  test('values below a minimum are raised, and zeros that mean the default replaced', () => {
    const config = load({
      GOTRUE_PASSWORD_MIN_LENGTH: '3',
      GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION: '10s',
      GOTRUE_MFA_CHALLENGE_EXPIRY_DURATION: '1',
      GOTRUE_MFA_FACTOR_EXPIRY_DURATION: '1s',
      GOTRUE_MAILER_OTP_LENGTH: '5',
      GOTRUE_SMS_OTP_LENGTH: '11',
      GOTRUE_MFA_PHONE_OTP_LENGTH: '1',
      GOTRUE_SMTP_MAX_FREQUENCY: '0s',
      GOTRUE_MFA_PHONE_MAX_FREQUENCY: '0s',
      GOTRUE_SMS_OTP_EXP: '0',
      GOTRUE_JWT_EXP: '0',
    })
    assert.equal(config.password_min_length, 6)
    assert.equal(config.external_flow_state_expiry_duration, 300_000)
    assert.equal(config.mfa_challenge_expiry_duration, 300)
    assert.equal(config.mfa_factor_expiry_duration, 300_000)
    assert.deepEqual([config.mailer_otp_length, config.sms_otp_length, config.mfa_phone_otp_length], [6, 6, 6])
    assert.deepEqual([config.smtp_max_frequency, config.mfa_phone_max_frequency], [60_000, 60_000])
    assert.equal(config.sms_otp_exp, 60)
    assert.equal(config.jwt_exp, 3600)
  })

  test('values above a minimum stay', () => {
    const config = load({
      GOTRUE_PASSWORD_MIN_LENGTH: '12',
      GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION: '10m',
      GOTRUE_MAILER_OTP_LENGTH: '10',
      GOTRUE_SMS_OTP_LENGTH: '8',
      GOTRUE_SMTP_MAX_FREQUENCY: '1ns',
    })
    assert.equal(config.password_min_length, 12)
    assert.equal(config.external_flow_state_expiry_duration, 600_000)
    assert.deepEqual([config.mailer_otp_length, config.sms_otp_length], [10, 8])
    assert.equal(config.smtp_max_frequency, 1e-6)
  })
})

describe('problems', () => {
  test('all problems are reported together, each with the name of its variable', () => {
    const problems = problemsOf(
      { GOTRUE_JWT_EXP: 'soon', GOTRUE_SMTP_PORT: '99999', GOTRUE_HOOK_SEND_EMAIL_ENABLED: '1' },
      {},
    )
    assert.deepEqual(
      problems.map((problem) => problem.split(' ')[0]),
      [
        'GOTRUE_JWT_EXP',
        'GOTRUE_SMTP_PORT',
        'DATABASE_URL',
        'API_EXTERNAL_URL',
        'GOTRUE_SITE_URL',
        'GOTRUE_JWT_SECRET',
        'GOTRUE_HOOK_SEND_EMAIL_URI',
      ],
    )
    const error = new ConfigError(problems)
    for (const problem of problems) assert(error.message.includes(problem))
  })

  test('a database of its own needs no DATABASE_URL', () => {
    for (const driver of ['embedded', 'pglite'])
      assert.deepEqual(problemsOf({ DATABASE_URL: undefined, POSTERN_DB_DRIVER: driver }), [])
    assert.equal(problemsOf({ DATABASE_URL: undefined, POSTERN_DB_DRIVER: 'postgres' }).length, 1)
  })

  test('no problem repeats a value, which may be a secret', () => {
    const secret = 'hunter2-hunter2'
    const problems = problemsOf({
      DATABASE_URL: `mysql://root:${secret}@host/db`,
      POSTERN_REDIS_URL: `http://:${secret}@host`,
      GOTRUE_JWT_EXP: secret,
      GOTRUE_SESSIONS_TIMEBOX: secret,
      GOTRUE_LOG_FIELDS: secret,
      GOTRUE_RATE_LIMIT_EMAIL_SENT: secret,
      POSTERN_RATE_LIMIT_STORE: secret,
      POSTERN_SERVER_KEY: secret,
      POSTERN_SMS_HTTP_HEADERS: secret,
      GOTRUE_HOOK_SEND_SMS_URI: `ftp://user:${secret}@host/`,
      GOTRUE_HOOK_SEND_SMS_SECRETS: secret,
      GOTRUE_SECURITY_DB_ENCRYPTION_DECRYPTION_KEYS: `k:${secret}`,
    })
    assert.equal(problems.length, 12)
    for (const problem of problems) assert(!problem.includes(secret), problem)
  })

  test('addresses, ports and choices are checked', () => {
    eachIsRefused([
      [{ API_EXTERNAL_URL: 'auth.example.com' }, 'API_EXTERNAL_URL', /http:\/\/ or https:\/\//],
      [{ API_EXTERNAL_URL: 'ftp://auth.example.com' }, 'API_EXTERNAL_URL', /http:\/\/ or https:\/\//],
      [{ GOTRUE_SITE_URL: 'app' }, 'GOTRUE_SITE_URL', /address/],
      [{ GOTRUE_API_PORT: '65536' }, 'GOTRUE_API_PORT', /port/],
      [{ PORT: 'http' }, 'PORT', /port/],
      [
        { GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '3' },
        'GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION',
        /0, 1 or 2/,
      ],
      [
        { GOTRUE_MAILER_AUTOCONFIRM: 'true', GOTRUE_MAILER_ALLOW_UNVERIFIED_EMAIL_SIGN_INS: 'true' },
        'GOTRUE_MAILER_AUTOCONFIRM',
        /switch one off/,
      ],
      [
        { GOTRUE_EXTERNAL_GITLAB_ENABLED: 'true', GOTRUE_EXTERNAL_GITLAB_URL: 'gitlab.example.com' },
        'GOTRUE_EXTERNAL_GITLAB_URL',
        /https/,
      ],
      [{ GOTRUE_DB_DRIVER: 'mysql' }, 'GOTRUE_DB_DRIVER', /postgres/],
      [{ POSTERN_DB_DRIVER: 'sqlite' }, 'POSTERN_DB_DRIVER', /embedded or pglite/],
      [{ DB_NAMESPACE: 'a"b' }, 'DB_NAMESPACE', /schema/],
      [{ POSTERN_BASE_PATH: 'auth/v1' }, 'POSTERN_BASE_PATH', /path/],
      [{ POSTERN_RATE_LIMIT_STORE: 'redis' }, 'POSTERN_REDIS_URL', /required/],
      [{ POSTERN_TRUSTED_PROXIES: '10.0.0.0/33' }, 'POSTERN_TRUSTED_PROXIES', /networks/],
      [{ POSTERN_TRUSTED_PROXIES: 'proxy.local' }, 'POSTERN_TRUSTED_PROXIES', /networks/],
      [{ POSTERN_TRUSTED_PROXIES: '1,2' }, 'POSTERN_TRUSTED_PROXIES', /networks/],
      [{ GOTRUE_RATE_LIMIT_OTP: '-1' }, 'GOTRUE_RATE_LIMIT_OTP', /negative/],
      [{ POSTERN_PROVIDER_TOKENS: 'yes' }, 'POSTERN_PROVIDER_TOKENS', /store/],
      [{ POSTERN_SERVER_KEY: 'short' }, 'POSTERN_SERVER_KEY', /32 bytes/],
      [{ POSTERN_SMS_HTTP_HEADERS: '["x"]' }, 'POSTERN_SMS_HTTP_HEADERS', /JSON/],
      [
        { GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS: '{"a":"b"}' },
        'GOTRUE_MAILER_EMAIL_VALIDATION_SERVICE_HEADERS',
        /JSON/,
      ],
      [{ GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX: '{}' }, 'GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX', /list/],
    ])
    assert.deepEqual(
      problemsOf({
        GOTRUE_SITE_URL: 'com.example.app://callback',
        GOTRUE_EXTERNAL_GITLAB_URL: 'gitlab.example.com',
        GOTRUE_EXTERNAL_KEYCLOAK_REDIRECT_URI: '{{KEYCLOAK_REDIRECT}}',
        DATABASE_URL: 'postgresql://user:p%zz@one:5432,two:5433/db?target_session_attrs=primary',
        POSTERN_TRUSTED_PROXIES: '10.0.0.0/8, ::1, fd00::/8',
        POSTERN_BASE_PATH: '/auth/v1',
        POSTERN_SMS_HTTP_HEADERS: '{"authorization":"Bearer x"}',
        GOTRUE_MAILER_EMAIL_VALIDATION_BLOCKED_MX: '["mx.example.com"]',
      }),
      [],
    )
  })

  test('a hook is at https, at http on this machine or an allowed host, or a function of the database', () => {
    const uri = (value: string, more: Environment = {}) => problemsOf({ GOTRUE_HOOK_SEND_SMS_URI: value, ...more })
    const good = [
      'https://hooks.example.com/a?b',
      'http://localhost:3000/hook',
      'http://127.0.0.1/hook',
      'http://[::1]:8080/',
      'http://host.docker.internal:54321/x',
      'pg-functions://postgres/public/on_sms',
      'pg-functions:///a_1/_b2',
      `pg-functions://postgres/public/${'f'.repeat(63)}`,
    ]
    for (const value of good) assert.deepEqual(uri(value), [], value)
    const bad = [
      'http://hooks.example.com/a',
      'http://localhost.example.com/a',
      'ftp://localhost/a',
      'hooks.example.com',
      'https://',
      'pg-functions://postgres/public',
      'pg-functions://postgres/public/drop table',
      'pg-functions://postgres/1public/f',
      `pg-functions://postgres/public/${'f'.repeat(64)}`,
    ]
    for (const value of bad) {
      assert.equal(uri(value).length, 1, value)
      assert(uri(value)[0]?.startsWith('GOTRUE_HOOK_SEND_SMS_URI '), value)
    }
    assert.deepEqual(uri('http://Hooks.internal/a', { POSTERN_HOOK_ALLOW_HTTP_HOSTS: 'other, hooks.Internal' }), [])
  })

  test('hook secrets have the form of Standard Webhooks', () => {
    const uri = 'https://hooks.example.com/sms'
    const secrets = (value: string, at = uri) =>
      problemsOf({ GOTRUE_HOOK_SEND_SMS_URI: at, GOTRUE_HOOK_SEND_SMS_SECRETS: value })
    const pair = `v1a,whpk_${'A'.repeat(44)}:whsk_${'B'.repeat(88)}`
    for (const value of [
      hook_secret,
      `${hook_secret}|${pair}`,
      `v1,whsec_${'A'.repeat(88)}`,
      `v1,whsec_${'A'.repeat(96)}`,
    ])
      assert.deepEqual(secrets(value), [], value)
    // What signs nothing is not looked at.
    for (const at of ['', 'pg-functions://postgres/public/on_sms']) assert.deepEqual(secrets('placeholder', at), [], at)
    for (const value of [
      'whsec_abc',
      `v1,whsec_${'A'.repeat(31)}`,
      `v1,whsec_${'A'.repeat(89)}`,
      `${hook_secret},${hook_secret}`,
      `v1a,whpk_${'A'.repeat(44)}`,
      `${hook_secret}|x`,
    ])
      assert.equal(secrets(value).length, 1, value)
  })

  test('encryption needs a key of 32 bytes that can also decrypt', () => {
    const prefix = 'GOTRUE_SECURITY_DB_ENCRYPTION'
    const encryption = (more: Environment): Environment => ({
      [`${prefix}_ENCRYPT`]: 'true',
      [`${prefix}_ENCRYPTION_KEY_ID`]: 'a',
      [`${prefix}_ENCRYPTION_KEY`]: key_a,
      [`${prefix}_DECRYPTION_KEYS`]: `a:${key_a},b:${key_b}`,
      ...more,
    })
    assert.deepEqual(problemsOf(encryption({})), [])
    eachIsRefused([
      [encryption({ [`${prefix}_ENCRYPTION_KEY_ID`]: '' }), `${prefix}_ENCRYPTION_KEY_ID`, /required/],
      [encryption({ [`${prefix}_ENCRYPTION_KEY_ID`]: 'b' }), `${prefix}_DECRYPTION_KEYS`, /contain/],
      [encryption({ [`${prefix}_DECRYPTION_KEYS`]: `b:${key_b}` }), `${prefix}_DECRYPTION_KEYS`, /contain/],
      [encryption({ [`${prefix}_DECRYPTION_KEYS`]: `a:${key_a},c:short` }), `${prefix}_DECRYPTION_KEYS`, /key c/],
      [encryption({ [`${prefix}_ENCRYPTION_KEY`]: `${key_a}=` }), `${prefix}_ENCRYPTION_KEY`, /32 bytes/],
    ])
    // Keys that are off for writing may still be needed for reading.
    assert.deepEqual(problemsOf({ [`${prefix}_DECRYPTION_KEYS`]: `b:${key_b}` }), [])
  })

  test('captchas and SAML need their secrets once they are on', () => {
    assert.deepEqual(problemsOf({ GOTRUE_SECURITY_CAPTCHA_PROVIDER: 'none' }), [])
    const on: Environment = { GOTRUE_SECURITY_CAPTCHA_ENABLED: 'true', GOTRUE_SECURITY_CAPTCHA_SECRET: 'x' }
    for (const provider of ['hcaptcha', 'turnstile', 'recaptcha'])
      assert.deepEqual(problemsOf({ ...on, GOTRUE_SECURITY_CAPTCHA_PROVIDER: provider }), [])
    eachIsRefused([
      [{ ...on, GOTRUE_SECURITY_CAPTCHA_PROVIDER: 'none' }, 'GOTRUE_SECURITY_CAPTCHA_PROVIDER', /turnstile/],
      [{ ...on, GOTRUE_SECURITY_CAPTCHA_SECRET: ' ' }, 'GOTRUE_SECURITY_CAPTCHA_SECRET', /required/],
      [{ GOTRUE_SAML_ENABLED: 'true' }, 'GOTRUE_SAML_PRIVATE_KEY', /required/],
    ])
  })

  test('keys of SAML are RSA keys in PKCS #1 of 2048 bits and more, and two of them are two', () => {
    const key = (modulusLength: number, publicExponent = 0x10001) =>
      generateKeyPairSync('rsa', { modulusLength, publicExponent }).privateKey
    const pkcs1 = (of: KeyObject) => of.export({ format: 'der', type: 'pkcs1' }).toString('base64')
    const good = pkcs1(key(2048))
    const on: Environment = { GOTRUE_SAML_ENABLED: 'true', GOTRUE_SAML_PRIVATE_KEY: good }
    assert.deepEqual(problemsOf(on), [])
    assert.deepEqual(problemsOf({ GOTRUE_SAML_PRIVATE_KEY: 'off' }), [])
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const pkcs8 = elliptic.export({ format: 'der', type: 'pkcs8' }).toString('base64')
    for (const name of ['GOTRUE_SAML_PRIVATE_KEY', 'GOTRUE_SAML_PRIVATE_KEY_NEXT'])
      eachIsRefused([
        [{ ...on, [name]: 'no base64!' }, name, /base64/],
        [{ ...on, [name]: pkcs8 }, name, /PKCS #1/],
        [{ ...on, [name]: pkcs1(key(1024)) }, name, /2048 bits/],
        [{ ...on, [name]: pkcs1(key(2048, 3)) }, name, /65537/],
      ])
    eachIsRefused([[{ ...on, GOTRUE_SAML_PRIVATE_KEY_NEXT: good }, 'GOTRUE_SAML_PRIVATE_KEY_NEXT', /same key/]])
  })
})
