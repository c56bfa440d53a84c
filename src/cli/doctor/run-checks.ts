// Runs the checks of `postern doctor` side by side, each for a while at most.
import type { Check, Checked, Finding } from './check.ts'
import { connectionChecks } from './connection-checks.ts'
import { databaseCheck, databaseChecks } from './database-checks.ts'
import { explainFailure } from './explain-failure.ts'

/** Checks of what a server speaks with, but for the database itself. */
export const checks: readonly Check[] = [...databaseChecks, ...connectionChecks]

const limit_ms = 15_000

async function runCheck({ name, run }: Check, checked: Checked): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string[]>((resolve) => {
    timer = setTimeout(() => resolve([`${name}: no answer within ${limit_ms / 1000} s`]), limit_ms)
  })
  try {
    return { check: name, problems: await Promise.race([run(checked), late]), skipped: false }
  } catch (error) {
    return { check: name, problems: [`${name}: ${explainFailure(error)}`], skipped: false }
  } finally {
    clearTimeout(timer)
  }
}

/** What they found, in the order of the table; those that do not apply are left out. */
export async function runChecks(checked: Checked, table: readonly Check[] = checks): Promise<Finding[]> {
  const database = await runCheck(databaseCheck, checked)
  const rest = table
    .filter(({ applies }) => applies(checked.config))
    .map((check) =>
      check.needs === 'database' && database.problems.length > 0
        ? { check: check.name, problems: [], skipped: true }
        : runCheck(check, checked),
    )
  return [database, ...(await Promise.all(rest))]
}
