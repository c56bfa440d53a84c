// postern dev: a server with a database and a mailbox of its own, on loopback, without any configuration.
import { randomBytes } from 'node:crypto'
import { composeAuth } from '../auth.ts'
import type { Config } from '../config/keys.ts'
import type { Environment } from '../config/load.ts'
import { requirePackages } from '../config/needed-packages.ts'
import { pageAddress } from '../config/pages-address.ts'
import { signAtOnce } from '../crypto/jwt.ts'
import { loadKeys } from '../crypto/keys.ts'
import { createAbsentSite } from '../dev/absent-site.ts'
import { type DevDatabase, databaseVariables, openDevDatabase } from '../dev/database.ts'
import { describeApi } from '../dev/describe-api.ts'
import { fetchWithPhones } from '../dev/fetch-with-phones.ts'
import { createDevIdentityProvider, type DevIdentityProvider } from '../dev/identity-provider.ts'
import { type Inbox, startInbox } from '../dev/inbox.ts'
import { keepServer } from '../dev/kept-server.ts'
import { leadToPages } from '../dev/lead-to-pages.ts'
import { removeState } from '../dev/remove-state.ts'
import { readDevSecrets } from '../dev/secrets.ts'
import { devHost, devVariables, phoneNetwork } from '../dev/variables.ts'
import { welcome } from '../dev/welcome.ts'
import { makeConsoleLink } from '../flows/console/make-console-link.ts'
import { withDatabaseExplained } from '../flows/doctor/database-problem.ts'
import { createLog } from '../log.ts'
import type { Handle } from '../runtimes/node.ts'
import { migrate } from '../storage/migrate.ts'
import { openDatabase } from '../storage/open-database.ts'
import { devFolder } from './dev-folder.ts'
import { loadOrExplain, readEnvironment, readPort } from './environment.ts'
import { listenFrom } from './listen-from.ts'
import { operatorName } from './operator-name.ts'
import type { Options } from './options.ts'
import { untilStopped } from './until-stopped.ts'

const firstPort = 54321
const portsToTry = 100
const tenYears_s = 10 * 365 * 86_400
const say = (line: string): void => console.log(line)

/** What `postern dev` is told. */
export interface DevOptions extends Options {
  /** A database to use instead of one of its own. */
  database_url?: string | undefined
  /** Whether everything in the state folder is removed first. */
  reset?: boolean
}

/** Starts everything, prints what an application needs, and runs until a signal comes. */
export async function dev(options: DevOptions): Promise<number> {
  const started = performance.now()
  requirePackages(options.database_url === undefined ? 'dev' : 'dev_elsewhere')
  const given = withoutDatabase(await readEnvironment(options), options)
  const state_dir = devFolder(given, options.state)
  const wanted = readPort(given)
  const stopped = untilStopped()
  // Its address is known, and its own, before anything that names it is made; requests wait until all is.
  const ready = Promise.withResolvers<Handle>()
  const server = await listenAt(wanted, async (...request) => (await ready.promise)(...request))
  const stops: (() => Promise<unknown>)[] = [() => server.close(2000)]
  try {
    if (options.reset && (await removeState(state_dir))) say(`Removed the database and the secrets of ${state_dir}`)
    const inbox = await startInbox({ host: devHost })
    stops.push(() => inbox.stop())
    const secrets = await readDevSecrets(state_dir)
    const database = await openDevDatabase({ state_dir, url: options.database_url, log: say })
    stops.push(() => database.stop())
    const { port } = server
    if (wanted === undefined && port !== firstPort)
      say(`Port ${firstPort} is taken, so this server has ${port}; --port N asks for a certain one`)
    const identities = createDevIdentityProvider({ issuer: `http://${devHost}:${port}/__identity` })
    const ownKeycloak = Object.keys(given).some((name) => name.startsWith('GOTRUE_EXTERNAL_KEYCLOAK_'))
    const variables: Environment = {
      ...devVariables({ port, smtp_port: inbox.smtp_port }, secrets),
      ...(ownKeycloak ? {} : identities.env),
      ...given,
      DATABASE_URL: database.url,
      GOTRUE_API_HOST: devHost,
      PORT: String(port),
      GOTRUE_API_PORT: String(port),
    }
    const made = await makeServer(variables, { port, inbox, identities })
    if (!made) return 1
    ready.resolve(made.handle)
    await keepServer(state_dir, { env: variables, has_own_database: options.database_url === undefined })
    print(made.config, { ...made, port, inbox, database, ownKeycloak, state_dir })
    say(`\nReady after ${Math.round(performance.now() - started)} ms. Stop with Ctrl+C.`)
    await stopped
    // Whoever may still ask goes first.
    await server.close(2000)
    await made.close()
    return 0
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

/** The server with everything that only development has in front of it; null after problems were printed. */
async function makeServer(
  variables: Environment,
  { port, inbox, identities }: { port: number; inbox: Inbox; identities: DevIdentityProvider },
) {
  const loaded = loadOrExplain(variables)
  if (!loaded) return null
  const { config, warnings } = loaded
  const log = createLog(config)
  for (const warning of warnings) log.warn({}, warning)
  const db = openDatabase(config)
  await withDatabaseExplained(loaded, () => migrate(db, { namespace: config.db_namespace, log }))
  const auth = composeAuth({ config, db, log, loaded, fetch: fetchWithPhones(inbox, phoneNetwork(port)) })
  const site = createAbsentSite({ site_url: config.site_url, own_url: `http://${devHost}:${port}` })
  const handle: Handle = async (request, connection) =>
    site.handle(request) ??
    (await inbox.handle(request)) ??
    (await identities.handle(request)) ??
    welcome(request, config) ??
    leadToPages(request, config) ??
    (await describeApi(request, config)) ??
    site.instead(request, await auth.fetch(request, connection))
  const close = async () => {
    await auth.close()
    await db.close()
  }
  const console_link = config.console
    ? pageAddress(config, `/console/enter?link=${await makeConsoleLink({ db, random: randomBytes }, operatorName())}`)
    : ''
  return { config, handle, console_link, close }
}

/** Variables that name a database are for `serve`: somebody's shell may still have those of another. */
function withoutDatabase(env: Environment, { database_url }: DevOptions): Environment {
  const found = databaseVariables.filter((name) => env[name])
  if (found.length > 0 && database_url === undefined)
    say(`${found.join(', ')} not used: postern dev has a database of its own; --database-url URL takes another`)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !databaseVariables.some((own) => own === name)))
}

/** On the port that is asked for and no other; without one on the first that is free. */
async function listenAt(wanted: number | undefined, handle: Handle) {
  if (wanted !== undefined) return listenFrom(handle, { host: devHost, port: wanted, tries: 1 })
  return listenFrom(handle, { host: devHost, port: firstPort, tries: portsToTry })
}

function print(
  config: Config,
  facts: {
    port: number
    inbox: Inbox
    database: DevDatabase
    ownKeycloak: boolean
    state_dir: string
    console_link: string
  },
): void {
  const { port, inbox, database, ownKeycloak, state_dir, console_link } = facts
  const keys = loadKeys({ secret: config.jwt_secret, key_id: '', keys_json: '', valid_methods: [] })
  const iat = Math.floor(Date.now() / 1000)
  const key = (role: string) => signAtOnce({ role, iss: 'postern-dev', iat, exp: iat + tenYears_s }, keys.signing)
  const lines = {
    'API URL': `http://${devHost}:${port}`,
    'Auth API': config.api_external_url,
    'API description': `http://${devHost}:${port}/openapi.json`,
    Inbox: `http://${devHost}:${port}/__inbox`,
    ...(config.pages && { Pages: pageAddress(config, '/pages/sign-in') }),
    ...(console_link !== '' && { Console: `${console_link} (once, within five minutes)` }),
    'Mail (SMTP)': `${devHost}:${inbox.smtp_port}`,
    ...(ownKeycloak ? {} : { 'Sign-in': "provider 'keycloak' is a page that lets you be anybody" }),
    'Database URL': database.shown_url,
    'anon key': key('anon'),
    'service_role key': key('service_role'),
    'JWT secret': `in ${state_dir}/secrets.json`,
  }
  say('\nPostern is running.\n')
  const width = Math.max(...Object.keys(lines).map((name) => name.length))
  for (const [name, value] of Object.entries(lines)) say(`  ${name.padEnd(width)}  ${value}`)
}
