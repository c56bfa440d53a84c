// Runs the checks of `postern doctor` side by side, each for a while at most.
import type { Db } from '../../storage/db.ts'
import type { Check, Checked, Finding } from './check.ts'
import { connectionChecks } from './connection-checks.ts'
import { databaseCheck, databaseChecks } from './database-checks.ts'
import { explainFailure } from './explain-failure.ts'
import { templateChecks } from './template-checks.ts'

/** Checks of what a server speaks with, but for the database itself. */
export const checks: readonly Check[] = [...databaseChecks, ...connectionChecks, ...templateChecks]

const limit_ms = 15_000

async function runCheck(check: string, problems: Promise<string[]>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`${check}: no answer within ${limit_ms / 1000} s`]), limit_ms)
  })
  try {
    return { check, problems: await Promise.race([problems, late]), skipped: false }
  } catch (error) {
    return { check, problems: [`${check}: ${explainFailure(error)}`], skipped: false }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * What they found, in the order of the table; those that do not apply are left out. Without a database, or with one that
 * does not answer, those that need it are skipped.
 */
export async function runChecks(
  { db, ...checked }: Checked & { db: Db | null },
  table: readonly Check[] = checks,
): Promise<Finding[]> {
  const skip = (check: string): Finding => ({ check, problems: [], skipped: true })
  const database = db ? await runCheck(databaseCheck.name, databaseCheck.run({ ...checked, db })) : skip('database')
  const usable = database.problems.length === 0 ? db : null
  const rest = table
    .filter(({ applies }) => applies(checked.config))
    .map((row) => {
      if (row.needs !== 'database') return runCheck(row.name, row.run(checked))
      return usable ? runCheck(row.name, row.run({ ...checked, db: usable })) : skip(row.name)
    })
  return [database, ...(await Promise.all(rest))]
}
