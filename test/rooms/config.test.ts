// The configuration: how variables are read, what stops a start, what only warns, and `.env` files.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { readEnvFile } from '../../src/config/env-file.ts'
import { type Config, keys } from '../../src/config/keys.ts'
import { ConfigError, type Environment, loadConfig } from '../../src/config/load.ts'
import { configurationMarkdown } from '../../src/config/markdown.ts'

const least: Environment = {
  DATABASE_URL: 'postgres://postern:secret@127.0.0.1:5432/postern',
  API_EXTERNAL_URL: 'https://auth.example.com',
  GOTRUE_SITE_URL: 'https://app.example.com',
  GOTRUE_JWT_SECRET: 'a secret of more than thirty-two characters',
  GOTRUE_SMTP_HOST: 'mail.example.com',
}

const load = (env: Environment = {}): Config => loadConfig({ ...least, ...env }).config
const warningsOf = (env: Environment): string[] => loadConfig({ ...least, ...env }).warnings

/** The problems of variables; none for a good configuration. */
function problemsOf(env: Environment, base = least): string[] {
  try {
    loadConfig({ ...base, ...env })
    return []
  } catch (error) {
    assert(error instanceof ConfigError)
    return error.problems
  }
}

/** Each case has exactly one problem, which begins with the name of the variable. */
function eachIsRefused(cases: readonly [env: Environment, name: string, says: RegExp][]): void {
  for (const [env, name, says] of cases) {
    const problems = problemsOf(env)
    assert.equal(problems.length, 1, `${JSON.stringify(env)} has the problems ${JSON.stringify(problems)}`)
    assert(problems[0]?.startsWith(name), `${problems[0]} names ${name}`)
    assert.match(problems[0] ?? '', says)
  }
}

const hook_secret = `v1,whsec_${Buffer.from('one secret of thirty-two bytes!!').toString('base64')}`
const key_a = Buffer.alloc(32, 1).toString('base64url')
const key_b = Buffer.alloc(32, 2).toString('base64url')

describe('types of variables', () => {
  test('durations are milliseconds, written as Go writes them', () => {
    const cases: [string, number][] = [
      ['300ms', 300],
      ['10s', 10_000],
      ['1h30m', 5_400_000],
      ['1.5h', 5_400_000],
      ['-1m', -60_000],
      ['+2s', 2000],
      ['.5s', 500],
      ['1.1s', 1100],
      ['1ns', 1e-6],
      ['3us', 0.003],
      ['3µs', 0.003],
      ['3μs', 0.003],
      ['0', 0],
      ['-0s', 0],
      ['1h1m1s1ms', 3_661_001],
    ]
    for (const [text, ms] of cases) assert.equal(load({ GOTRUE_SESSIONS_TIMEBOX: text }).sessions_timebox, ms, text)
  })

  test('a duration needs units that Go knows, in full', () => {
    for (const text of ['10', '1d', '5 s', 's', '1h30', 'ten', '1e3s', '--1s', '1.2.3s'])
      assert.deepEqual(problemsOf({ GOTRUE_SESSIONS_TIMEBOX: text }), [
        'GOTRUE_SESSIONS_TIMEBOX must be a duration such as 300ms, 10s or 1h30m',
      ])
  })

  test('booleans are true, false, t, f, 1 and 0 in any case', () => {
    for (const text of ['true', 'TRUE', 'True', 't', 'T', '1', ' true '])
      assert.equal(load({ GOTRUE_DISABLE_SIGNUP: text }).disable_signup, true, text)
    for (const text of ['false', 'FALSE', 'f', '0'])
      assert.equal(load({ GOTRUE_EXTERNAL_EMAIL_ENABLED: text }).external_email_enabled, false, text)
    for (const text of ['yes', 'on', '2', 'truely'])
      assert.deepEqual(problemsOf({ GOTRUE_DISABLE_SIGNUP: text }), ['GOTRUE_DISABLE_SIGNUP must be true or false'])
  })

  test('whole numbers have neither fraction nor exponent, others may', () => {
    assert.equal(load({ GOTRUE_JWT_EXP: '60' }).jwt_exp, 60)
    assert.equal(load({ GOTRUE_RATE_LIMIT_VERIFY: '0.5' }).rate_limit_verify, 0.5)
    assert.equal(load({ GOTRUE_RATE_LIMIT_VERIFY: '1e3' }).rate_limit_verify, 1000)
    for (const text of ['1.5', '1e3', '0x10', 'many', '60s'])
      assert.deepEqual(problemsOf({ GOTRUE_JWT_EXP: text }), ['GOTRUE_JWT_EXP must be a whole number'])
    for (const text of ['Infinity', 'NaN', '1e999', '30/1h'])
      assert.deepEqual(problemsOf({ GOTRUE_RATE_LIMIT_VERIFY: text }), ['GOTRUE_RATE_LIMIT_VERIFY must be a number'])
  })

  test('a plain rate is a fixed hour, one with a duration is refilled', () => {
    const rate = (text: string) => load({ GOTRUE_RATE_LIMIT_EMAIL_SENT: text }).rate_limit_email_sent
    assert.deepEqual(rate('100'), { events: 100, per_ms: 3_600_000, fixed: true })
    assert.deepEqual(rate('0'), { events: 0, per_ms: 3_600_000, fixed: true })
    assert.deepEqual(rate('30/1h'), { events: 30, per_ms: 3_600_000, fixed: false })
    assert.deepEqual(rate('5/1m30s'), { events: 5, per_ms: 90_000, fixed: false })
    for (const text of ['x', '30/', '/1h', '30/0s', '30/-1s', '30/1h/2h', '1.5/1h', '-1', '30/5'])
      assert.equal(problemsOf({ GOTRUE_RATE_LIMIT_EMAIL_SENT: text }).length, 1, text)
  })

  test('lists are trimmed and have no empty members', () => {
    assert.deepEqual(load({ GOTRUE_URI_ALLOW_LIST: ' a , b,, c ' }).uri_allow_list, ['a', 'b', 'c'])
    assert.deepEqual(load().uri_allow_list, [])
    assert.deepEqual(load().jwt_admin_roles, ['service_role', 'supabase_admin'])
  })

  test('a map is split at the first colon, linking domains at the equals sign', () => {
    assert.deepEqual(load({ GOTRUE_LOG_FIELDS: 'app:auth, url:http://x' }).log_fields, { app: 'auth', url: 'http://x' })
    assert.deepEqual(
      load({ GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS: 'github=social,custom:google=social' })
        .experimental_provider_linking_domains,
      { github: 'social', 'custom:google': 'social' },
    )
    eachIsRefused([
      [{ GOTRUE_LOG_FIELDS: 'app=auth' }, 'GOTRUE_LOG_FIELDS', /key:value/],
      [{ GOTRUE_LOG_FIELDS: ':auth' }, 'GOTRUE_LOG_FIELDS', /key:value/],
    ])
  })

  test('a time is milliseconds since the epoch, and needs an offset', () => {
    const until = (text: string) => load({ GOTRUE_SMS_TEST_OTP_VALID_UNTIL: text }).sms_test_otp_valid_until
    assert.equal(until('2026-12-31T23:00:00Z'), Date.UTC(2026, 11, 31, 23))
    assert.equal(until('2026-12-31T23:00:00.5+01:00'), Date.UTC(2026, 11, 31, 22, 0, 0, 500))
    assert.equal(until(''), null)
    for (const text of ['tomorrow', '2026-12-31', '2026-12-31T23:00:00', '2026-13-31T23:00:00Z', '1798761600'])
      assert.equal(problemsOf({ GOTRUE_SMS_TEST_OTP_VALID_UNTIL: text }).length, 1, text)
  })

  test('character sets are split at colons that no backslash precedes', () => {
    const sets = (text: string) => load({ GOTRUE_PASSWORD_REQUIRED_CHARACTERS: text }).password_required_characters
    assert.deepEqual(sets('abc:0123'), ['abc', '0123'])
    assert.deepEqual(sets('ab\\:c: !'), ['ab:c', ' !'])
    assert.deepEqual(sets('\\::x'), [':', 'x'])
    assert.deepEqual(sets(''), [])
  })

  test('an empty value counts as absent, but for text', () => {
    const config = load({
      GOTRUE_JWT_EXP: '',
      GOTRUE_EXTERNAL_EMAIL_ENABLED: ' ',
      GOTRUE_API_MAX_REQUEST_DURATION: '',
      GOTRUE_JWT_ADMIN_ROLES: '',
      GOTRUE_RATE_LIMIT_EMAIL_SENT: '',
      POSTERN_RATE_LIMIT_STORE: '',
      GOTRUE_OAUTH_SERVER_DEFAULT_SCOPE: '',
    })
    assert.equal(config.jwt_exp, 3600)
    assert.equal(config.external_email_enabled, true)
    assert.equal(config.api_max_request_duration, 10_000)
    assert.deepEqual(config.jwt_admin_roles, ['service_role', 'supabase_admin'])
    assert.equal(config.rate_limit_email_sent.events, 30)
    assert.equal(config.rate_limit_store, 'auto')
    assert.equal(config.oauth_server_default_scope, '')
  })

  test('an empty role is nobody, so that it gives nobody the right to change app_metadata', () => {
    assert.equal(load({ GOTRUE_JWT_ADMIN_GROUP_NAME: '' }).jwt_admin_group_name, 'admin')
  })
})

describe('names of variables', () => {
  test('a misspelt variable is named beside the problem that it causes', () => {
    const { GOTRUE_JWT_SECRET: _, ...rest } = least
    assert.throws(
      () => loadConfig({ ...rest, GOTRUE_JWT_SECRETT: 'x' }),
      (error) =>
        error instanceof ConfigError &&
        error.problems.some((problem) => problem.startsWith('GOTRUE_JWT_SECRET is required')) &&
        error.unknown.includes('GOTRUE_JWT_SECRETT is not a variable of this server; did you mean GOTRUE_JWT_SECRET?'),
    )
  })

  test('a name with the prefix wins over the one without, unless it is empty', () => {
    assert.equal(load({ PORT: '3000' }).api_port, '3000')
    assert.equal(load({ PORT: '3000', GOTRUE_API_PORT: '4000' }).api_port, '4000')
    assert.equal(load({ PORT: '3000', GOTRUE_API_PORT: '' }).api_port, '3000')
    const other = 'postgres://other@127.0.0.1/other'
    assert.equal(load({ GOTRUE_DB_DATABASE_URL: other }).database_url, other)
    assert.equal(load({ GOTRUE_DB_DATABASE_URL: '' }).database_url, least.DATABASE_URL)
    assert.equal(load({ DB_NAMESPACE: 'accounts' }).db_namespace, 'accounts')
    assert.equal(load({ GOTRUE_DB_DB_NAMESPACE: 'accounts' }).db_namespace, 'accounts')
    assert.equal(load({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).tracing_otel_exporter_otlp_protocol, 'grpc')
  })

  test('providers, hooks, kinds of mail and notifications are records', () => {
    const config = load({
      GOTRUE_EXTERNAL_LINKEDIN_OIDC_ENABLED: 'true',
      GOTRUE_EXTERNAL_LINKEDIN_OIDC_CLIENT_ID: 'web, ios',
      GOTRUE_EXTERNAL_X_SECRET: 'of x',
      GOTRUE_HOOK_SEND_SMS_ENABLED: 'true',
      GOTRUE_HOOK_SEND_SMS_URI: 'https://hooks.example.com/sms',
      GOTRUE_HOOK_SEND_SMS_SECRETS: `${hook_secret}|${hook_secret}`,
      GOTRUE_MAILER_SUBJECTS_MAGIC_LINK: 'Come in',
      GOTRUE_MAILER_TEMPLATES_PASSWORD_CHANGED_NOTIFICATION: '/mails/changed.html',
      GOTRUE_MAILER_URLPATHS_INVITE: '/auth/v1/verify',
      GOTRUE_MAILER_NOTIFICATIONS_MFA_FACTOR_ENROLLED_ENABLED: 'true',
    })
    assert.deepEqual(config.external.linkedin_oidc, {
      enabled: true,
      client_id: ['web', 'ios'],
      secret: '',
      redirect_uri: '',
      url: '',
      api_url: '',
      email_optional: false,
      skip_nonce_check: false,
    })
    assert.equal(config.external.x.secret, 'of x')
    assert.equal(config.external.linkedin.enabled, false)
    assert.deepEqual(config.hooks.send_sms.secrets, [hook_secret, hook_secret])
    assert.deepEqual(config.hooks.send_email, { enabled: false, uri: '', secrets: [] })
    assert.equal(config.mailer_subjects.magic_link, 'Come in')
    assert.equal(config.mailer_templates.password_changed_notification, '/mails/changed.html')
    assert.equal(config.mailer_urlpaths.invite, '/auth/v1/verify')
    assert.equal(config.mailer_urlpaths.email_change, '/verify')
    assert.equal(config.mailer_urlpaths.magic_link, '')
    assert.equal(config.mailer_notifications.mfa_factor_enrolled, true)
    assert.equal(config.mailer_notifications.password_changed, false)
  })

  test('every name in the configuration is that of a variable without its prefix', () => {
    const exceptions = new Map([
      ['db_kind', 'POSTERN_DB_DRIVER'],
      ['security_captcha_url', 'POSTERN_CAPTCHA_URL'],
    ])
    for (const [name, key] of Object.entries(keys)) {
      if (!('env' in key && Array.isArray(key.env))) continue
      const wanted = [name.toUpperCase(), `GOTRUE_${name.toUpperCase()}`, `POSTERN_${name.toUpperCase()}`]
      assert(
        key.env.some((env_name) => wanted.includes(env_name) || exceptions.get(name) === env_name),
        `${name} is read from ${key.env.join(', ')}`,
      )
    }
  })

  test('every variable has a name of its own, a sentence, and a default that can be read', () => {
    const seen = new Set<string>()
    const visit = (table: object): void => {
      for (const entry of Object.values(table)) {
        if (!('read' in entry)) {
          visit(entry)
          continue
        }
        assert.match(entry.about, /^\S.*\.$/, entry.env[0])
        assert.doesNotThrow(() => entry.read(entry.fallback), entry.env[0])
        for (const name of entry.env) {
          // Metrics and traces share the standard names of OpenTelemetry.
          assert(!seen.has(name) || name.startsWith('OTEL_'), `${name} stands twice`)
          seen.add(name)
        }
      }
    }
    visit(keys)
    assert(seen.size > 500, `${seen.size} names`)
  })

  test('an unknown variable of ours gives a warning with the nearest name', () => {
    assert.deepEqual(warningsOf({ GOTRUE_MAILER_AUTOCONFRIM: 'true', POSTERN_BASEPATH: '/x', HOME: '/root' }), [
      'GOTRUE_MAILER_AUTOCONFRIM is not a variable of this server; did you mean GOTRUE_MAILER_AUTOCONFIRM?',
      'POSTERN_BASEPATH is not a variable of this server; did you mean POSTERN_BASE_PATH?',
    ])
    assert.deepEqual(warningsOf({ GOTRUE_HOOK_SEND_MAIL_URI: 'https://x.example' }), [
      'GOTRUE_HOOK_SEND_MAIL_URI is not a variable of this server; did you mean GOTRUE_HOOK_SEND_EMAIL_URI?',
    ])
    assert.deepEqual(warningsOf({ GOTRUE_ZZZZZZZZZZZZZZZZ: '' }), [
      'GOTRUE_ZZZZZZZZZZZZZZZZ is not a variable of this server',
    ])
  })
})

describe('defaults', () => {
  test('a configuration of the required variables alone is good and warns of nothing', () => {
    const { config, warnings } = loadConfig(least)
    assert.deepEqual(warnings, [])
    assert.equal(config.db_driver, 'postgres')
    assert.equal(config.db_namespace, 'auth')
    assert.equal(config.api_port, '8081')
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
      GOTRUE_MFA_PHONE_OTP_LENGTH: '-1',
      GOTRUE_SMTP_MAX_FREQUENCY: '0s',
      GOTRUE_SMS_OTP_EXP: '0',
      GOTRUE_JWT_EXP: '0',
    })
    assert.equal(config.password_min_length, 6)
    assert.equal(config.external_flow_state_expiry_duration, 300_000)
    assert.equal(config.mfa_challenge_expiry_duration, 300)
    assert.equal(config.mfa_factor_expiry_duration, 300_000)
    assert.deepEqual([config.mailer_otp_length, config.sms_otp_length, config.mfa_phone_otp_length], [6, 6, 6])
    assert.equal(config.smtp_max_frequency, 60_000)
    assert.equal(config.sms_otp_exp, 60)
    assert.equal(config.jwt_exp, 3600)
  })

  test('values above a minimum stay, and so does a frequency below zero', () => {
    const config = load({
      GOTRUE_PASSWORD_MIN_LENGTH: '12',
      GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION: '10m',
      GOTRUE_MAILER_OTP_LENGTH: '10',
      GOTRUE_SMS_OTP_LENGTH: '8',
      GOTRUE_SMTP_MAX_FREQUENCY: '1ns',
      GOTRUE_SMS_MAX_FREQUENCY: '-1s',
    })
    assert.equal(config.password_min_length, 12)
    assert.equal(config.external_flow_state_expiry_duration, 600_000)
    assert.deepEqual([config.mailer_otp_length, config.sms_otp_length], [10, 8])
    assert.equal(config.smtp_max_frequency, 1e-6)
    assert.equal(config.sms_max_frequency, -1000)
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
        'DATABASE_URL',
        'API_EXTERNAL_URL',
        'GOTRUE_SITE_URL',
        'GOTRUE_JWT_SECRET',
        'GOTRUE_SMTP_PORT',
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
      [{ PORT: 'http' }, 'GOTRUE_API_PORT', /port/],
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
    const secrets = (value: string) => problemsOf({ GOTRUE_HOOK_SEND_SMS_SECRETS: value })
    const pair = `v1a,whpk_${'A'.repeat(44)}:whsk_${'B'.repeat(88)}`
    for (const value of [hook_secret, `${hook_secret}|${pair}`, `v1,whsec_${'A'.repeat(88)}`])
      assert.deepEqual(secrets(value), [], value)
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
})

describe('warnings', () => {
  test('a short JWT secret warns', () => {
    assert.match(warningsOf({ GOTRUE_JWT_SECRET: 'short' }).join(), /^GOTRUE_JWT_SECRET is shorter/)
    assert.deepEqual(warningsOf({ GOTRUE_JWT_SECRET: 'x'.repeat(32) }), [])
  })

  test('fixed codes of testers warn, more so without an end', () => {
    const codes = { GOTRUE_SMS_TEST_OTP: '15550001111:123456' }
    assert.deepEqual(load(codes).sms_test_otp, { 15550001111: '123456' })
    assert.match(warningsOf(codes).join(), /without GOTRUE_SMS_TEST_OTP_VALID_UNTIL/)
    const limited = warningsOf({ ...codes, GOTRUE_SMS_TEST_OTP_VALID_UNTIL: '2030-01-01T00:00:00Z' })
    assert.equal(limited.length, 1)
    assert.doesNotMatch(limited.join(), /VALID_UNTIL/)
  })

  test('mail or messages that cannot be sent warn, unless nobody needs them', () => {
    assert.match(warningsOf({ GOTRUE_SMTP_HOST: '' }).join(), /^GOTRUE_SMTP_HOST/)
    assert.deepEqual(warningsOf({ GOTRUE_SMTP_HOST: '', GOTRUE_MAILER_AUTOCONFIRM: 'true' }), [])
    assert.match(warningsOf({ GOTRUE_SMTP_HEADERS: 'X-A: b' }).join(), /^GOTRUE_SMTP_HEADERS/)
    const phone = { GOTRUE_EXTERNAL_PHONE_ENABLED: 'true' }
    assert.match(warningsOf({ ...phone, GOTRUE_SMS_PROVIDER: 'pigeon' }).join(), /^GOTRUE_SMS_PROVIDER/)
    assert.deepEqual(warningsOf({ ...phone, GOTRUE_SMS_PROVIDER: 'vonage' }), [])
    assert.deepEqual(
      warningsOf({ ...phone, GOTRUE_HOOK_SEND_SMS_ENABLED: 'true', GOTRUE_HOOK_SEND_SMS_URI: 'https://x.example' }),
      [],
    )
  })
})

describe('.env files', () => {
  test('names, values, quotes and comments are read as by the reference', () => {
    const file = [
      '\uFEFF# a comment',
      'PLAIN=value',
      '  export EXPORTED=yes',
      'SPACED =  two words  ',
      'YAML: style',
      'EMPTY=',
      'ONLY_COMMENT= # nothing',
      'COMMENT=value # why',
      'HASH=#fff',
      'INNER=a#b',
      "SINGLE='as $IT \\n is' # why",
      'DOUBLE="a\\nb \\"c\\" \\t"',
      'LINES="first',
      '# no comment',
      'last"',
      'AFTER=1',
      'AFTER=2',
      'URL=postgres://u:p@h:5/d?sslmode=disable&x=1',
    ]
    for (const end of ['\n', '\r\n'])
      assert.deepEqual(readEnvFile(file.join(end)), {
        PLAIN: 'value',
        EXPORTED: 'yes',
        SPACED: 'two words',
        YAML: 'style',
        EMPTY: '',
        ONLY_COMMENT: '',
        COMMENT: 'value',
        HASH: '#fff',
        INNER: 'a#b',
        SINGLE: 'as $IT \\n is',
        DOUBLE: 'a\nb "c" t',
        LINES: 'first\n# no comment\nlast',
        AFTER: '2',
        URL: 'postgres://u:p@h:5/d?sslmode=disable&x=1',
      })
  })

  test('$NAME stands for a value further up, a backslash keeps the dollar', () => {
    const file = [
      'HOST=db',
      'A=$HOST:1',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own syntax, which is what is tested
      'B="${HOST}x"',
      "C='$HOST'",
      'D=\\$HOST',
      'E="\\$HOST"',
      'F=[$NONE]',
      'G=a$b$',
    ]
    assert.deepEqual(readEnvFile(file.join('\n')), {
      HOST: 'db',
      A: 'db:1',
      B: 'dbx',
      C: '$HOST',
      D: '$HOST',
      E: '$HOST',
      F: '[]',
      G: 'a$b$',
    })
  })

  test('what is no assignment is an error with its line, and without its text', () => {
    assert.throws(() => readEnvFile('A=1\n\nsecret words\n'), { message: 'line 3: expected NAME=value' })
    assert.throws(() => readEnvFile('A=1\nB="secret\nC=2\n'), { message: 'line 2: the quote is never closed' })
    assert.throws(() => readEnvFile('A="x" secret'), { message: 'line 1: expected NAME=value' })
  })

  test('a name such as __proto__ is a name', () => {
    assert.deepEqual(Object.entries(readEnvFile('__proto__=1')), [['__proto__', '1']])
  })
})

test('docs/configuration.md is in step with the tables (npm run docs)', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.equal(page, configurationMarkdown())
  for (const name of ['DATABASE_URL', 'GOTRUE_JWT_SECRET', 'POSTERN_DATA_DIR', 'GOTRUE_EXTERNAL_PROVIDER_CLIENT_ID'])
    assert(page.includes(`\`${name}\``), name)
})
