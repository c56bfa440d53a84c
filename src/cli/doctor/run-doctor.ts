// postern doctor: checks everything that a start and each request needs, and says in a line each what to do.
import type { Config } from '../../config/keys.ts'
import { type Environment, inspectConfig } from '../../config/load.ts'
import { MissingPackages } from '../../config/needed-packages.ts'
import type { Finding } from '../../flows/doctor/check.ts'
import { checks, runChecks } from '../../flows/doctor/run-checks.ts'
import type { Db } from '../../storage/db.ts'
import { openDatabaseToRead } from '../../storage/open-database.ts'
import { version } from '../../version.ts'
import { readEnvironment } from '../environment.ts'
import type { Options } from '../options.ts'
import { listenCheck } from './listen-check.ts'
import { sendTestMail } from './test-mail.ts'

/** What `postern doctor` is told. */
export interface DoctorOptions extends Options {
  /** Whether the findings are printed as JSON. */
  json: boolean
  /** An address that a test mail is sent to. */
  mail?: string | undefined
}

/** Exit code 1 when something has to be done. Nothing is written, but for the test mail in the outbox. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const findings = await examine(await readEnvironment(options), options.mail)
  print(findings, options.json)
  return findings.some((finding) => finding.problems.length > 0) ? 1 : 0
}

/** Everything that is found with these variables; with `mail` a test mail is sent there. */
export async function examine(env: Environment, mail?: string): Promise<Finding[]> {
  const { config, problems, warnings, unknown, inNamesOf } = inspectConfig(env)
  const found = await checkServer(config, { mail, isUsable: problems.length === 0 })
  // A variable that is wrong had its default instead: what came of that is beside the point.
  const wrong = new Set(problems.flatMap(variablesOf))
  const isOwn = (problem: string) => !variablesOf(problem).some((name) => wrong.has(name))
  return [
    { check: 'configuration', problems: [...problems, ...warnings.filter(isOwn), ...unknown], skipped: false },
    ...found.flatMap((finding) => {
      const told = finding.problems.map(inNamesOf)
      const own = told.filter(isOwn)
      return told.length > 0 && own.length === 0 ? [] : [{ ...finding, problems: own }]
    }),
  ]
}

/** The variables that a sentence begins with. */
const variablesOf = (sentence: string): string[] => /^([A-Z][A-Z0-9_]+(, )?)+/.exec(sentence)?.[0].split(', ') ?? []

/** The findings on what a server speaks with. */
async function checkServer(
  config: Config,
  { isUsable, mail }: { isUsable: boolean; mail: string | undefined },
): Promise<Finding[]> {
  const opened = openToLook(config)
  const db = 'db' in opened ? opened.db : null
  try {
    const findings = await runChecks({ config, db, now: Date.now }, [listenCheck, ...checks])
    if ('problem' in opened) findings.unshift({ check: 'database', problems: [opened.problem], skipped: false })
    const canSend =
      isUsable && db !== null && findings.every(({ check, problems }) => check !== 'database' || problems.length === 0)
    return mail === undefined ? findings : [...findings, await sendTestMail({ config, to: mail, canSend })]
  } finally {
    await db?.close()
  }
}

/** A database that refuses every write; nothing where its address or package is among the problems already. */
function openToLook(config: Config): { db: Db } | { problem: string } | Record<string, never> {
  try {
    return { db: openDatabaseToRead(config) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    return config.db_kind === 'postgres' || error instanceof MissingPackages
      ? {}
      : { problem: `POSTERN_DATA_DIR: ${reason}; postern serve makes it at its start` }
  }
}

function print(findings: readonly Finding[], json: boolean): void {
  const count = findings.reduce((sum, { problems }) => sum + problems.length, 0)
  if (json) {
    console.log(JSON.stringify({ ok: count === 0, version, findings }))
    return
  }
  for (const { check, problems, skipped, note } of findings) {
    if (!skipped && problems.length === 0) console.log(`✓ ${check}${note === undefined ? '' : `: ${note}`}`)
    for (const problem of problems) console.log(`✗ ${problem}`)
  }
  const skipped = Map.groupBy(
    findings.filter((finding) => finding.skipped),
    ({ since = '' }) => since,
  )
  for (const [since, of] of skipped)
    console.log(`- not checked, since ${since}: ${of.map(({ check }) => check).join(', ')}`)
  console.log(count === 0 ? 'All is well.' : `${count} problem${count === 1 ? '' : 's'}.`)
}
