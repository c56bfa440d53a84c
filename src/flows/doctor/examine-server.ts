// GET /console/doctor: what doctor would say of a server that runs.
import type { AdminCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { checks, runChecks } from './run-checks.ts'

/** Answers with every finding; takes as long as the slowest of what is asked. */
export async function examineServer({ config, db, now, settings }: AdminCtx): Promise<Reply> {
  const findings = await runChecks({ config, db, now }, checks)
  return json({
    findings: [{ check: 'configuration', problems: settings.warnings, skipped: false }, ...findings].map((finding) => ({
      ...finding,
      problems: finding.problems.map(settings.inNamesOf),
    })),
  })
}
