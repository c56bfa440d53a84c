// Configurations as they are found in the field: copied with blanks, half expanded, of older versions.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseDatabaseUrl } from '../../src/config/database-url.ts'
import { ConfigError, type Environment, loadConfig } from '../../src/config/load.ts'
import { newKey } from '../../src/crypto/key-set.ts'

const least: Environment = {
  DATABASE_URL: 'postgres://postern:secret@127.0.0.1:5432/postern',
  API_EXTERNAL_URL: 'https://auth.example.com',
  GOTRUE_SITE_URL: 'https://app.example.com',
  GOTRUE_JWT_SECRET: 'a secret of more than thirty-two characters',
  GOTRUE_SMTP_HOST: 'mail.example.com',
}

function problemsOf(env: Environment): string[] {
  try {
    loadConfig({ ...least, ...env })
    return []
  } catch (error) {
    assert(error instanceof ConfigError)
    return error.problems
  }
}

/** The linter takes a dollar before a brace in a plain string for a mistake. */
const withDollars = (text: string): string => text.replaceAll('~', '$')

describe('DATABASE_URL', () => {
  const refused: [part: RegExp, urls: string[]][] = [
    [
      /port/,
      [
        ...['postgres://u:p@h:54x2/d', 'postgres://u:p@h:999999/d', 'postgres://u:p@h:0/d', 'postgres://u:p@h:-1/d'],
        ...['postgres://u:p@h:~{PORT}/d', 'postgres://u:p@h:$PORT/d', 'postgres://u:p@a:1,b:x/d'],
        ...['postgres://u:p@h/d?port=x', 'postgres://u:p@[::1]:x/d', 'postgres://u:p@h:5432 /d'],
      ],
    ],
    [/IPv6/, ['postgres://u:p@::1:5432/d', 'postgres://u:p@fe80::1/d', 'postgres://u:p@[zz]:5432/d']],
    [
      /percent-encoded/,
      [
        ...['postgres://u:p?w@h/d', 'postgres://u:p/w@h/d', 'postgres://u:12/3@h/d', 'postgres://u:12?3@h/d'],
        ...['postgres://u:p@ss/w@h/d', 'postgres://u:p@ss?w@h:5432/d', 'postgres://u:12?a=3@h/d'],
      ],
    ],
    [
      /sslmode/,
      [
        ...['postgres://u:p@h/d?sslmode=verify_full', 'postgres://u:p@h/d?sslmode=Require'],
        ...['postgres://u:p@h/d?ssl=yes', 'postgres://u:p@h/d?sslmode=verify-full,'],
      ],
    ],
    [/sslrootcert/, ['postgres://u:p@h/d?sslmode=verify-full&sslrootcert=/nowhere/ca.pem']],
    [/target_session_attrs/, ['postgres://u:p@h/d?target_session_attrs=primry']],
    [/host/, ['postgres://u:p@~{HOST}:5432/d', 'postgres://u:p@{{host}}/d', 'postgres://u:p@<host>/d']],
    [/user/, ['postgres://~{USER}:p@h/d', 'postgres://$USER@h/d']],
    [/password/, ['postgres://u:~{PASSWORD}@h/d', 'postgres://u:$(PASSWORD)@h/d']],
    [/database/, ['postgres://u:p@h/~{NAME}', 'host=h user=u']],
  ]
  for (const [part, urls] of refused)
    for (const url of urls.map(withDollars))
      test(`${url} is one problem that names the variable and the part`, () => {
        const problems = problemsOf({ DATABASE_URL: url })
        assert.equal(problems.length, 1, JSON.stringify(problems))
        assert.match(problems[0] ?? '', /^DATABASE_URL/)
        assert.match(problems[0] ?? '', part)
      })

  test('what other drivers read is read', () => {
    const read = (url: string) => {
      const { host, port, user, password, database, ssl } = parseDatabaseUrl(url)
      return { host, port, user, password, database, ssl }
    }
    const plain = { host: ['h'], port: [5432], user: 'u', password: 'p', database: 'd', ssl: 'prefer' }
    assert.deepEqual(read('postgres://u:p@h:5432/d?sslmode='), plain)
    assert.deepEqual(read(' postgres://u:p@h/d?target_session_attrs=any\n'), plain)
    assert.deepEqual(read('postgres://u:a%2Fb%3Fc@h/d'), { ...plain, password: 'a/b?c' })
    assert.deepEqual(read('postgres://u:a@b#c$d@h/d'), { ...plain, password: 'a@b#c$d' })
    assert.deepEqual(read('postgres://h/d?user=a@b&password=c@d'), { ...plain, user: 'a@b', password: 'c@d' })
    assert.deepEqual(read('postgres:///d?host=fe80::1&user=u&password=p'), { ...plain, host: ['fe80::1'] })
    assert.deepEqual(read('postgres://u:%24%7BX%7D@h/d'), { ...plain, password: withDollars('~{X}') })
    assert.deepEqual(read('postgres://u:p@h/d?ssl=true&sslmode=disable'), { ...plain, ssl: false })
    assert.deepEqual(read('postgres://u:p@datenbank_1.intern/d'), { ...plain, host: ['datenbank_1.intern'] })
  })
})

test('blanks around addresses, hosts and names are dropped', () => {
  const { config } = loadConfig({
    ...least,
    DATABASE_URL: ` ${least.DATABASE_URL}\n`,
    API_EXTERNAL_URL: ' https://auth.example.com ',
    GOTRUE_SITE_URL: '\thttps://app.example.com\r\n',
    GOTRUE_SMTP_HOST: ' mail.example.com ',
    GOTRUE_SMTP_ADMIN_EMAIL: ' no-reply@example.com',
    GOTRUE_RATE_LIMIT_HEADER: ' X-Forwarded-For ',
    GOTRUE_API_HOST: ' 127.0.0.1',
    PORT: ' 8081 ',
    GOTRUE_EXTERNAL_KEYCLOAK_URL: ' https://id.example.com/realms/a ',
    GOTRUE_EXTERNAL_KEYCLOAK_REDIRECT_URI: ' https://auth.example.com/callback ',
    GOTRUE_HOOK_SEND_SMS_URI: ' https://hooks.example.com/sms ',
  })
  assert.deepEqual(
    [config.database_url, config.api_external_url, config.site_url, config.smtp_host, config.smtp_admin_email],
    [
      least.DATABASE_URL,
      'https://auth.example.com',
      'https://app.example.com',
      'mail.example.com',
      'no-reply@example.com',
    ],
  )
  assert.deepEqual([config.rate_limit_header, config.api_host, config.api_port], ['X-Forwarded-For', '127.0.0.1', 8081])
  assert.equal(config.external.keycloak.url, 'https://id.example.com/realms/a')
  assert.equal(config.external.keycloak.redirect_uri, 'https://auth.example.com/callback')
  assert.equal(config.hooks.send_sms.uri, 'https://hooks.example.com/sms')
})

const wrong: [name: string, values: string[]][] = [
  [
    'GOTRUE_SMTP_HOST',
    [
      'http://mail.example.com',
      'mail.example.com:587',
      'smtp://mail.example.com',
      'a b',
      '[::1]:25',
      'mail.example.com/',
    ],
  ],
  ['GOTRUE_SITE_URL', ['localhost:3000', 'app.example.com', 'mailto:a@example.com', '//app.example.com', 'http://']],
  ['GOTRUE_API_HOST', ['http://0.0.0.0', '0.0.0.0:8081', '[::]:8081']],
  [
    'GOTRUE_SMTP_ADMIN_EMAIL',
    ['Acme <no-reply@example.com>', 'no-reply', '"Acme" no-reply@example.com', 'a@example.com, b@example.com', 'a@b@c'],
  ],
  ['GOTRUE_RATE_LIMIT_HEADER', ['X-Forwarded-For: *', 'X Forwarded For', 'X-Real-IP,X-Forwarded-For', 'größe']],
  ['GOTRUE_API_REQUEST_ID_HEADER', ['X Request Id']],
  ['GOTRUE_LOG_FILE', ['/nowhere/at/all/auth.log', '/etc/passwd/auth.log', '/tmp']],
]
for (const [name, values] of wrong)
  for (const value of values)
    test(`${name}=${value} is a problem that names the variable`, () => {
      const problems = problemsOf({ [name]: value })
      assert.equal(problems.length, 1, JSON.stringify(problems))
      assert.ok(problems[0]?.startsWith(name), problems[0])
    })

test('hosts as people write them are taken', () => {
  for (const host of ['localhost', '127.0.0.1', '::1', 'mail_1', 'smtp.example.com.', 'post.bücher.example'])
    assert.deepEqual(problemsOf({ GOTRUE_SMTP_HOST: host }), [], host)
})

test('a log file in a folder that exists is taken, whether it is there or not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-log-'))
  try {
    await writeFile(join(folder, 'old.log'), '')
    for (const name of ['old.log', 'new.log']) assert.deepEqual(problemsOf({ GOTRUE_LOG_FILE: join(folder, name) }), [])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('two keys of one name, or without any, and keys that cannot be read are problems, not half a key set', () => {
  const [signing, other] = [newKey('ES256', true), newKey('ES256', false)]
  const { kid: _, ...nameless } = other
  const sets: [unknown[], RegExp][] = [
    [[signing, { ...other, kid: signing.kid }], /two keys have the kid/],
    [[signing, { ...other, kid: signing.kid, kty: 'oct', k: 'abc' }], /two keys have the kid/],
    [[signing, nameless, { ...newKey('HS256', false), kid: '' }], /two keys have no kid/],
    [[signing, { ...other, x: 'AAAA' }], /not usable/],
    [[other], /no signing key/],
  ]
  for (const [set, says] of sets) {
    const problems = problemsOf({ GOTRUE_JWT_KEYS: JSON.stringify(set) })
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', /^GOTRUE_JWT_KEYS: /)
    assert.match(problems[0] ?? '', says)
  }
  assert.deepEqual(problemsOf({ GOTRUE_JWT_KEYS: JSON.stringify([signing, other, nameless]) }), [])
})

test('names of older versions are listed as gone, with what took their place', () => {
  const { warnings } = loadConfig({
    ...least,
    GOTRUE_MFA_ENABLED: 'true',
    GOTRUE_EXTERNAL_EMAIL_DISABLED: 'true',
    GOTRUE_EXTERNAL_SAML_METADATA_URL: 'https://idp.example.com',
    GOTRUE_WEBHOOK_URL: 'https://hooks.example.com',
    GOTRUE_COOKIE_KEY: 'sb',
    GOTRUE_DB_AUTOMIGRATE: 'true',
    GOTRUE_MAILER_TEMPLATE_INVITE: 'https://app.example.com/mail',
  })
  const gone = warnings.filter((warning) => warning.includes(' is gone: '))
  assert.deepEqual(
    gone.map((warning) => warning.split(' ')[0]),
    [
      ...['GOTRUE_MFA_ENABLED', 'GOTRUE_EXTERNAL_EMAIL_DISABLED', 'GOTRUE_EXTERNAL_SAML_METADATA_URL'],
      ...['GOTRUE_WEBHOOK_URL', 'GOTRUE_COOKIE_KEY', 'GOTRUE_DB_AUTOMIGRATE'],
    ],
  )
  assert.match(gone[0] ?? '', /GOTRUE_MFA_TOTP_ENROLL_ENABLED/)
  assert.ok(warnings.some((warning) => /GOTRUE_MAILER_TEMPLATE_INVITE .*did you mean/.test(warning)))
})
