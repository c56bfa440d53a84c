// postern dev: a server with a database and a mailbox of its own, on loopback, without any configuration.
import { resolve } from 'node:path'
import { composeAuth } from '../auth.ts'
import { signJwt } from '../crypto/jwt.ts'
import { loadKeys } from '../crypto/keys.ts'
import { createDevIdentityProvider } from '../dev/identity-provider.ts'
import { type Inbox, startInbox } from '../dev/inbox.ts'
import { readDevSecrets } from '../dev/secrets.ts'
import { createLog } from '../log.ts'
import type { Handle } from '../runtimes/node.ts'
import { startEmbeddedPostgres } from '../storage/embedded.ts'
import { migrate } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import { listenFrom } from './listen-from.ts'
import type { Options } from './options.ts'
import { untilStopped } from './until-stopped.ts'

const host = '127.0.0.1'
const firstPort = 54321
const tenYears_s = 10 * 365 * 86_400

/** Starts everything, prints what an application needs, and runs until a signal comes. */
export async function dev(options: Options): Promise<number> {
  const started = performance.now()
  const given = await readEnvironment(options)
  const state_dir = resolve(options.state ?? given.POSTERN_STATE_DIR ?? '.postern')
  const stopped = untilStopped()
  const secrets = await readDevSecrets(state_dir)
  const database = await startEmbeddedPostgres({ state_dir, log: (line) => console.log(line) })
  const stops: (() => Promise<unknown>)[] = [() => database.stop()]
  try {
    const inbox = await startInbox({ host })
    stops.push(() => inbox.stop())
    // Its address is known, and its own, before anything that names it is made; requests wait until all is.
    const ready = Promise.withResolvers<Handle>()
    const server = await listenFrom(async (...request) => (await ready.promise)(...request), {
      host,
      port: Number(given.GOTRUE_API_PORT ?? given.PORT ?? firstPort),
    })
    stops.push(() => server.close(2000))
    const { port } = server
    const identities = createDevIdentityProvider({ issuer: `http://${host}:${port}/__identity` })
    const ownKeycloak = Object.keys(given).some((name) => name.startsWith('GOTRUE_EXTERNAL_KEYCLOAK_'))
    const env = {
      ...defaults(port, inbox.smtp_port),
      ...(ownKeycloak ? {} : identities.env),
      GOTRUE_JWT_SECRET: secrets.jwt_secret,
      POSTERN_SERVER_KEY: secrets.server_key,
      ...given,
      DATABASE_URL: given.DATABASE_URL ?? database.url,
      GOTRUE_API_HOST: host,
      PORT: String(port),
      GOTRUE_API_PORT: String(port),
    }
    const loaded = loadOrExplain(env)
    if (!loaded) return 1
    const { config, warnings } = loaded
    const log = createLog({ ...config, log_level: config.log_level || 'warn' })
    for (const warning of warnings) log.warn({}, warning)
    const db = openDatabase(config)
    await migrate(db, { namespace: config.db_namespace, log })
    const auth = composeAuth({ config, db, log, fetch: messagesTo(inbox) })
    ready.resolve(
      async (request, connection) =>
        (await inbox.handle(request)) ?? (await identities.handle(request)) ?? auth.fetch(request, connection),
    )
    const keys = loadKeys({ secret: config.jwt_secret, key_id: '', keys_json: '', valid_methods: [] })
    const iat = Math.floor(Date.now() / 1000)
    const key = (role: string) => signJwt({ role, iss: 'postern-dev', iat, exp: iat + tenYears_s }, keys.signing)
    print({
      'API URL': `http://${host}:${port}`,
      'Auth API': config.api_external_url,
      Inbox: `http://${host}:${port}/__inbox`,
      'Mail (SMTP)': `${host}:${inbox.smtp_port}`,
      ...(ownKeycloak ? {} : { 'Sign-in': "provider 'keycloak' is a page that lets you be anybody" }),
      'Database URL': database.admin_url,
      'anon key': key('anon'),
      'service_role key': key('service_role'),
      'JWT secret': `in ${state_dir}/secrets.json`,
    })
    console.log(`\nReady after ${Math.round(performance.now() - started)} ms. Stop with Ctrl+C.`)
    await stopped
    // Whoever may still ask goes first.
    await server.close(2000)
    await auth.close()
    await db.close()
    return 0
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/** Stands for a phone network: what is posted there appears in the inbox. */
const messageAddress = 'http://phones.postern.invalid/'

/** Fetches as always, but for messages to phones, which go to the inbox. */
function messagesTo(inbox: Inbox): typeof globalThis.fetch {
  return async (input, init) => {
    if (input !== messageAddress.replace(/\/$/, '')) return globalThis.fetch(input, init)
    const { phone, text }: { phone: string; text: string } = JSON.parse(String(init?.body))
    inbox.addSms({ phone: phone.replace('+', ''), text })
    return new Response('{}', { headers: { 'content-type': 'application/json' } })
  }
}

/** What `serve` would need variables for. */
const defaults = (port: number, smtp_port: number): Record<string, string> => ({
  API_EXTERNAL_URL: `http://${host}:${port}/auth/v1`,
  POSTERN_BASE_PATH: '/auth/v1',
  GOTRUE_SITE_URL: 'http://localhost:3000',
  GOTRUE_URI_ALLOW_LIST: 'http://localhost:*/**,http://127.0.0.1:*/**',
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_JWT_ADMIN_ROLES: 'service_role,supabase_admin',
  GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED: 'true',
  GOTRUE_SECURITY_MANUAL_LINKING_ENABLED: 'true',
  GOTRUE_EXTERNAL_PHONE_ENABLED: 'true',
  GOTRUE_SMS_PROVIDER: 'http',
  GOTRUE_SMS_MAX_FREQUENCY: '1s',
  POSTERN_SMS_HTTP_URL: messageAddress,
  GOTRUE_SMTP_HOST: host,
  GOTRUE_SMTP_PORT: String(smtp_port),
  GOTRUE_SMTP_ADMIN_EMAIL: 'postern@localhost',
  GOTRUE_SMTP_SENDER_NAME: 'Postern',
  GOTRUE_SMTP_MAX_FREQUENCY: '1s',
  POSTERN_MAIL_TEXT: 'true',
  POSTERN_VERIFY_CONFIRM: 'true',
  // Browsers reach this server directly, without the gateway that answers for these headers elsewhere.
  GOTRUE_CORS_ALLOWED_HEADERS: 'apikey,prefer,x-retry-count,x-region',
  GOTRUE_LOG_LEVEL: 'warn',
})

function print(facts: Record<string, string>): void {
  console.log('\nPostern is running.\n')
  const width = Math.max(...Object.keys(facts).map((name) => name.length))
  for (const [name, value] of Object.entries(facts)) console.log(`  ${name.padEnd(width)}  ${value}`)
}
