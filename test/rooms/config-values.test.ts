// How values of variables are read: durations, rates, lists, maps, and names in their families.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { keys } from '../../src/config/keys.ts'
import { ConfigError, type Environment, loadConfig } from '../../src/config/load.ts'
import { configurationMarkdown } from '../../src/config/markdown.ts'
import { eachIsRefused, least, load, problemsOf, warningsOf } from '../support/config.ts'

const hook_secret = `v1,whsec_${Buffer.from('one secret of thirty-two bytes!!').toString('base64')}`

describe('types of variables', () => {
  test('durations are milliseconds, written as Go writes them', () => {
    const cases: [string, number][] = [
      ['300ms', 300],
      ['10s', 10_000],
      ['1h30m', 5_400_000],
      ['1.5h', 5_400_000],
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
    // As Go reads literals: with any of its bases, and a leading zero for that of eight.
    const literals: [string, number][] = [
      ...(['0x10', '0X1F', '0b11', '0o17', '010', '0_17'] as const).map((text, i): [string, number] => [
        text,
        [16, 31, 3, 15, 8, 15][i] ?? 0,
      ]),
      ['1_000', 1000],
      ['+5', 5],
      ['007', 7],
    ]
    for (const [text, count] of literals)
      assert.equal(load({ GOTRUE_DB_MAX_POOL_SIZE: text }).db_max_pool_size, count, text)
    assert.equal(load({ GOTRUE_RATE_LIMIT_VERIFY: '1_0.5' }).rate_limit_verify, 10.5)
    for (const text of ['1.5', '1e3', '08', '0x', '0b2', '1__0', '_1', '1_', '٣', '1,000', 'many', '60s'])
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
    assert.deepEqual([rate('1e3').events, rate('+30').events, rate('.5').events], [1000, 30, 0.5])
    for (const text of ['inf', '1e999', 'x', '30/', '/1h', '30/0s', '30/-1s', '30/1h/2h', '1.5/1h', '-1', '30/5'])
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
      ...['github=', '=social', 'github=social,google='].map((value): [Environment, string, RegExp] => [
        { GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS: value },
        'GOTRUE_EXPERIMENTAL_PROVIDER_LINKING_DOMAINS',
        /key=value/,
      ]),
      // Other marks than commas would make one code of many.
      ...['1555:123456;1666:222222', '1555:123456\n1666:222222', '1555:123456 1666:222222', '1555=123456'].map(
        (value): [Environment, string, RegExp] => [
          { GOTRUE_SMS_TEST_OTP: value },
          'GOTRUE_SMS_TEST_OTP',
          /key:value|commas/,
        ],
      ),
    ])
  })

  test('a time is milliseconds since the epoch, and needs an offset', () => {
    const until = (text: string) => load({ GOTRUE_SMS_TEST_OTP_VALID_UNTIL: text }).sms_test_otp_valid_until
    assert.equal(until('2026-12-31T23:00:00Z'), Date.UTC(2026, 11, 31, 23))
    assert.equal(until('2026-12-31T23:00:00.5+01:00'), Date.UTC(2026, 11, 31, 22, 0, 0, 500))
    assert.equal(until('2028-02-29T00:00:00Z'), Date.UTC(2028, 1, 29))
    assert.equal(until(''), null)
    for (const text of [
      'tomorrow',
      '2026-12-31',
      '2026-12-31T23:00:00',
      '2026-13-31T23:00:00Z',
      '2026-02-30T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-12-31T24:00:00Z',
      '1798761600',
    ])
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
    assert.equal(load({ PORT: '3000' }).api_port, 3000)
    assert.equal(load({ PORT: '3000', GOTRUE_API_PORT: '4000' }).api_port, 4000)
    assert.equal(load({ PORT: '3000', GOTRUE_API_PORT: '' }).api_port, 3000)
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

test('docs/configuration.md is in step with the tables (npm run docs)', async () => {
  const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.equal(page, configurationMarkdown())
  for (const name of ['DATABASE_URL', 'GOTRUE_JWT_SECRET', 'POSTERN_DATA_DIR', 'GOTRUE_EXTERNAL_PROVIDER_CLIENT_ID'])
    assert(page.includes(`\`${name}\``), name)
})
