// A server of better-auth as its documentation shows it: FOLDER holds the packages, HASH is scrypt (its own) or bcrypt (ours).
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { hash, verify } from '@node-rs/bcrypt'

const [, , folder = '', way] = process.argv
const { resolve } = createRequire(join(folder, 'package.json'))
/** What a package exports; one of CommonJS exports it all by default. */
async function load(name: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = await import(pathToFileURL(resolve(name)).href)
  return { ...found, ...Object(found.default) }
}

interface Library {
  betterAuth(options: object): object
  getMigrations(options: object): Promise<{ runMigrations(): Promise<void> }>
  toNodeHandler(auth: object): RequestListener
  Pool: new (options: object) => object
}
const parts = await Promise.all(['better-auth', 'better-auth/db/migration', 'better-auth/node', 'pg'].map(load))
const { betterAuth, getMigrations, toNodeHandler, Pool }: Library = Object.assign({}, ...parts)

const port = Number(process.env.PORT)
const options = {
  baseURL: `http://127.0.0.1:${port}`,
  secret: 'bench-secret-with-at-least-32-characters',
  // Connections that nobody uses stay, so that their processor time is not lost with them.
  database: new Pool({ connectionString: process.env.DATABASE_URL, max: 10, idleTimeoutMillis: 0 }),
  emailAndPassword: {
    enabled: true,
    ...(way === 'bcrypt' && {
      password: {
        hash: (password: string) => hash(password, { cost: 10 }),
        verify: (given: { password: string; hash: string }) => verify(given.password, given.hash),
      },
    }),
  },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
}
await (await getMigrations(options)).runMigrations()
const handle = toNodeHandler(betterAuth(options))
createServer((request, response) => {
  if (request.url === '/health') response.end('{}')
  else handle(request, response)
}).listen(port, '127.0.0.1')
