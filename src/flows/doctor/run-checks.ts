// Runs the checks of `postern doctor` side by side, each for a while at most.
import { inTime } from '../../in-time.ts'
import type { Db } from '../../storage/db.ts'
import type { Check, Checked, Finding, Noted, Unseen } from './check.ts'
import { connectionChecks } from './connection-checks.ts'
import { databaseCheck, databaseChecks } from './database-checks.ts'
import { explainFailure } from './explain-failure.ts'
import { kmsCheck } from './kms-check.ts'
import { packageChecks } from './package-checks.ts'
import { templateChecks } from './template-checks.ts'

/** Checks of what a server speaks with, but for the database itself. */
export const checks: readonly Check[] = [
  ...databaseChecks,
  ...connectionChecks,
  kmsCheck,
  ...templateChecks,
  ...packageChecks,
]

const limit_ms = 15_000
const noDatabase = 'the database cannot be used'

const skip = (check: string, since: string): Finding => ({ check, problems: [], skipped: true, since })

async function runCheck(check: string, problems: Promise<string[] | Unseen | Noted>): Promise<Finding> {
  try {
    const found = await inTime(problems, limit_ms, () => [`${check}: no answer within ${limit_ms / 1000} s`])
    if ('since' in found) return skip(check, found.since)
    return 'note' in found
      ? { check, problems: [], skipped: false, note: found.note }
      : { check, problems: found, skipped: false }
  } catch (error) {
    return { check, problems: [`${check}: ${explainFailure(error)}`], skipped: false }
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
  const database = db
    ? await runCheck(databaseCheck.name, databaseCheck.run({ ...checked, db }))
    : skip('database', noDatabase)
  const usable = database.problems.length === 0 ? db : null
  const rest = table
    .filter(({ applies }) => applies(checked.config))
    .map((row) => {
      if (row.needs !== 'database') return runCheck(row.name, row.run(checked))
      return usable ? runCheck(row.name, row.run({ ...checked, db: usable })) : skip(row.name, noDatabase)
    })
  return [database, ...(await Promise.all(rest))]
}
