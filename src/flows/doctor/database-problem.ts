// What keeps the database from being used, in a sentence that names its variable.
import type { Config } from '../../config/keys.ts'
import type { Loaded } from '../../config/load.ts'
import { MissingPackages } from '../../config/needed-packages.ts'
import { AuthError } from '../../errors.ts'
import { explainFailure } from './explain-failure.ts'
import { probeDatabase } from './probe-database.ts'

/** The sentence for an error of a statement. */
export async function databaseProblem(config: Config, error: unknown): Promise<string> {
  if (config.db_kind === 'postgres')
    return `DATABASE_URL: ${(await probeDatabase(config.database_url)) ?? explainFailure(error)}`
  // What is missing names its own variable.
  if (error instanceof MissingPackages) return error.message
  return `POSTERN_DATA_DIR: ${error instanceof Error ? error.message : explainFailure(error)}`
}

/** Does work on the database. @throws Error with that sentence where the database is out of reach; others as they are */
export async function withDatabaseExplained<T>({ config, inNamesOf }: Loaded, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AuthError) || error.status !== 503) throw error
    throw new Error(inNamesOf(await databaseProblem(config, error)))
  }
}
