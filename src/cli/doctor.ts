// postern doctor: checks everything that a start needs, and reports all problems at once with what to do.

import type { Config } from '../config/keys.ts'
import { verifySmtp } from '../delivery/smtp.ts'
import type { Db } from '../storage/db.ts'
import { inspectDatabase } from '../storage/inspect.ts'
import { isMigrated } from '../storage/migrate.ts'
import { openDatabaseToRead } from '../storage/open-database.ts'
import { checkProxies } from './check-proxies.ts'
import { loadOrExplain, readEnvironment } from './environment.ts'
import type { Options } from './options.ts'

type Finding = { what: string; problem?: string; advice?: string }

/** Exit code 1 when something has to be done. */
export async function doctor(options: Options): Promise<number> {
  const loaded = loadOrExplain(await readEnvironment(options))
  if (!loaded) return 1
  const findings: Finding[] = [{ what: 'configuration' }]
  for (const warning of loaded.warnings) findings.push({ what: 'configuration', problem: warning })
  findings.push(...(await checkDatabase(loaded.config)), await checkMail(loaded.config))
  const proxies = checkProxies(loaded.config)
  if (proxies) findings.push(proxies)
  for (const { what, problem, advice } of findings) {
    console.log(problem === undefined ? `✓ ${what}` : `✗ ${what}: ${problem}`)
    if (advice) console.log(`    ${advice}`)
  }
  const problems = findings.filter(({ problem }) => problem !== undefined).length
  console.log(problems === 0 ? 'All is well.' : `${problems} problem(s).`)
  return problems === 0 ? 0 : 1
}

async function checkDatabase(config: Config): Promise<Finding[]> {
  let db: Db | undefined
  try {
    db = openDatabaseToRead(config)
    const findings = await inspectDatabase(db, config.db_namespace)
    if (await isMigrated(db, config.db_namespace)) return findings
    const advice = 'Run: postern migrate; with --dry-run it says what it would do.'
    return [...findings, { what: 'migrations', problem: 'the database needs a migration', advice }]
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return [
      {
        what: 'database',
        problem: `cannot be reached: ${cause}`,
        advice: 'Check host, port, user and password in DATABASE_URL, and that PostgreSQL accepts connections there.',
      },
    ]
  } finally {
    await db?.close()
  }
}

async function checkMail(config: Config): Promise<Finding> {
  const what = 'mail (SMTP)'
  if (config.smtp_host === '')
    return {
      what,
      problem: 'GOTRUE_SMTP_HOST is not set, so no mail is ever sent',
      advice: 'Set GOTRUE_SMTP_HOST, _PORT, _USER, _PASS and _ADMIN_EMAIL, or GOTRUE_MAILER_AUTOCONFIRM=true.',
    }
  try {
    await verifySmtp(config)
    return { what }
  } catch (error) {
    return {
      what,
      problem: `${config.smtp_host}:${config.smtp_port} does not accept us: ${error instanceof Error ? error.message : error}`,
      advice: 'Check GOTRUE_SMTP_HOST, _PORT, _USER and _PASS.',
    }
  }
}
