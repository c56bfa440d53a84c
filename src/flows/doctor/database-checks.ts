// Checks of the database: whether it can be used, what our role may do there, and how far its schemas are.

import { hookNames } from '../../config/families.ts'
import { hookAddress } from '../../config/hook-address.ts'
import type { Config } from '../../config/keys.ts'
import { networkKind } from '../../providers/network-kind.ts'
import { functionProblem } from '../../storage/call-function.ts'
import { findCustomProvider } from '../../storage/custom-providers.ts'
import { inspectDatabase } from '../../storage/inspect.ts'
import { isMigrated } from '../../storage/migrate.ts'
import { missingRights } from '../../storage/rights.ts'
import { reservedIdentifier } from '../steps/external/pages-provider.ts'
import type { DatabaseCheck } from './check.ts'
import { databaseProblem } from './database-problem.ts'
import { samlCheck } from './saml-check.ts'

const always = () => true
const isServer = (config: Config): boolean => config.db_kind === 'postgres'
const clockLimit_ms = 5000

/** Whether the database answers; all other checks of it need this. */
export const databaseCheck: DatabaseCheck = {
  name: 'database',
  needs: 'database',
  applies: always,
  async run({ config, db }) {
    try {
      const { version, is_replica } = await inspectDatabase(db)
      if (version < 140_000) return ['DATABASE_URL: PostgreSQL 14 or newer is needed; upgrade the server']
      return is_replica ? ['DATABASE_URL: the database is a read-only replica; name the primary'] : []
    } catch (error) {
      return [await databaseProblem(config, error)]
    }
  },
}

/** A check of rows, which a database without our tables cannot have: that it is not up to date is said by another one. */
const onceMigrated = (check: DatabaseCheck): DatabaseCheck => ({
  ...check,
  run: async (given) =>
    (await isMigrated(given.db, given.config.db_namespace))
      ? check.run(given)
      : { since: 'the schemas are not up to date' },
})

/** In the order in which somebody would mend them. */
export const databaseChecks: readonly DatabaseCheck[] = [
  {
    name: 'rights of the role',
    needs: 'database',
    applies: isServer,
    async run({ config, db }) {
      const [{ role }, missing] = await Promise.all([inspectDatabase(db), missingRights(db, config.db_namespace)])
      return missing.map(
        ({ problem, statement }) => `DATABASE_URL: the role ${role} ${problem}; as a superuser run: ${statement}`,
      )
    },
  },
  {
    name: 'migrations',
    needs: 'database',
    applies: always,
    run: async ({ config, db }) =>
      (await isMigrated(db, config.db_namespace))
        ? []
        : [
            `schemas ${config.db_namespace} and postern are not up to date; run: postern migrate (serve does it at its start)`,
          ],
  },
  {
    name: 'roles of row-level security',
    needs: 'database',
    applies: isServer,
    async run({ db }) {
      const { missing_roles } = await inspectDatabase(db)
      if (missing_roles.length === 0) return []
      const statements = missing_roles.map((role) => `create role ${role} nologin;`).join(' ')
      return [`the database has no roles for row-level security (only needed with PostgREST); run: ${statements}`]
    },
  },
  {
    name: 'encryption of the database connection',
    needs: 'database',
    applies: isServer,
    async run({ db }) {
      const { has_tls, address } = await inspectDatabase(db)
      return has_tls === false && address !== null && networkKind(address) === null
        ? ['DATABASE_URL: the connection crosses a public network without TLS; add sslmode=verify-full, or require']
        : []
    },
  },
  {
    name: 'connections of the database',
    needs: 'database',
    applies: isServer,
    async run({ config, db }) {
      const { connections } = await inspectDatabase(db)
      if (config.db_conn_percentage > 0) return []
      const wanted = config.db_max_pool_size || 10
      return wanted > connections
        ? [
            `GOTRUE_DB_MAX_POOL_SIZE is ${wanted}, but the database has ${connections} connections; lower the one or raise max_connections`,
          ]
        : []
    },
  },
  {
    name: 'clocks',
    needs: 'database',
    applies: isServer,
    async run({ db, now }) {
      const before = now()
      const { now_ms } = await inspectDatabase(db)
      const apart_s = Math.round((now_ms - (before + now()) / 2) / 1000)
      if (Math.abs(apart_s) * 1000 <= clockLimit_ms) return []
      const way = apart_s > 0 ? 'ahead of' : 'behind'
      return [`the clock of the database is ${Math.abs(apart_s)} s ${way} that of this machine; set both by NTP`]
    },
  },
  {
    name: 'functions of hooks',
    needs: 'database',
    applies: ({ hooks }) =>
      hookNames.some((name) => hooks[name].enabled && hooks[name].uri.startsWith('pg-functions:')),
    async run({ config, db }) {
      const problems = hookNames.map(async (name) => {
        const { enabled, uri } = config.hooks[name]
        const at = hookAddress(uri, config.hook_allow_http_hosts)
        if (!enabled || !('kind' in at) || at.kind !== 'postgres') return []
        const problem = await functionProblem(db, at.schema, at.fn)
        return problem === null ? [] : [`GOTRUE_HOOK_${name.toUpperCase()}_URI: ${problem}`]
      })
      return (await Promise.all(problems)).flat()
    },
  },
  onceMigrated({
    name: 'the name of the pages among providers',
    needs: 'database',
    applies: ({ pages }) => pages,
    run: async ({ db }) =>
      (await findCustomProvider(db, reservedIdentifier))
        ? [
            `the provider ${reservedIdentifier} cannot be used while POSTERN_PAGES is on: that name opens the pages; make it again under another one`,
          ]
        : [],
  }),
  onceMigrated(samlCheck),
]
