// What a server that starts says of its surroundings: a database that refuses it, and what it can begin without.
import type { Config } from '../../config/keys.ts'
import { databaseChecks } from '../../flows/doctor/database-checks.ts'
import { explainFailure } from '../../flows/doctor/explain-failure.ts'
import { checks, runChecks } from '../../flows/doctor/run-checks.ts'
import type { Logger } from '../../log.ts'
import type { Db } from '../../storage/db.ts'
import { migrate } from '../../storage/migrate.ts'
import { openDatabase } from '../../storage/open-database.ts'

/** A server that starts. */
export interface Starting {
  config: Config
  db: Db
  log: Logger
  /** Puts the names that were set in place of others. */
  inNamesOf(sentence: string): string
}

/**
 * Migrates on a connection that may take its time; a database of our own has one owner, its pool.
 * @throws Error with a line for each thing that has to be done first
 */
export async function bringUpToDate({ config, db, log, inNamesOf }: Starting): Promise<void> {
  const isServer = config.db_kind === 'postgres'
  const migrator = isServer
    ? openDatabase({ ...config, api_max_request_duration: 0, db_max_pool_size: 1, db_conn_percentage: 0 })
    : db
  try {
    await migrate(migrator, { namespace: config.db_namespace, log })
  } catch (error) {
    const rights = databaseChecks.filter(({ name }) => name === 'rights of the role')
    const findings = await runChecks({ config, db, now: Date.now }, rights)
    const found = findings.flatMap(({ problems }) => problems)
    const problems = found.length > 0 ? found : [`the database could not be brought up to date: ${reasonOf(error)}`]
    throw new Error(problems.map(inNamesOf).join('\n  '))
  } finally {
    if (isServer) await migrator.close()
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && error.name === 'Error' ? error.message : explainFailure(error)

/** Warns of everything that doctor would refuse and a server can start without; `isOver` says when nobody listens any more. */
export async function warnOfChecks({ config, db, log, inNamesOf }: Starting, isOver: () => boolean): Promise<void> {
  try {
    const own = checks.filter(({ is_left_to_doctor }) => !is_left_to_doctor)
    for (const { check, problems, note } of await runChecks({ config, db, now: Date.now }, own)) {
      if (isOver()) return
      for (const problem of problems) log.warn({ check }, inNamesOf(problem))
      if (note !== undefined) log.info({ check }, note)
    }
  } catch (error) {
    log.warn({ err: error }, 'the surroundings of the server could not be looked at')
  }
}
