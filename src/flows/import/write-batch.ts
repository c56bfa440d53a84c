// Writes a batch of imported accounts in one transaction; where that fails, one by one to find which.
import { DatabaseError, type Db, type Queryable } from '../../storage/db.ts'
import { deleteForeignPasswords, putForeignPasswords } from '../../storage/foreign-passwords.ts'
import { putAccountRows } from '../../storage/import-rows.ts'
import { addProviders, insertUsers, trustCredentials, updateUsers } from '../../storage/import-users.ts'
import { noteImportedAccounts } from '../../storage/imported-accounts.ts'
import { accountTables } from '../../storage/portable-tables.ts'
import type { AccountDefaults, CompletedUser } from './complete-user.ts'
import { type Candidate, type Outcome, type Plan, planBatch } from './plan-batch.ts'

/** How a batch is written. */
export interface BatchOptions {
  db: Db
  upsert: boolean
  dry_run: boolean
  /** Whether nobody is there yet, as nothing can be looked up before a migration. */
  is_empty: boolean
  defaults: AccountDefaults
  /** The run whose accounts are noted as done. */
  run: string
}

/** What the database did not take although nothing was wrong with the statement. */
class NotWritten extends Error {}

/** Writes candidates; nothing of a batch is kept without the note that it is done. */
export async function writeBatch(candidates: readonly Candidate[], options: BatchOptions): Promise<Outcome[]> {
  if (candidates.length === 0) return []
  const plans = await planBatch(options.db, candidates, options)
  if (options.dry_run) return plans.map(({ outcome }) => outcome)
  try {
    await writePlans(plans, options)
    return plans.map(({ outcome }) => outcome)
  } catch (error) {
    if (!isRefusal(error)) throw error
    return writeSingly(candidates, options)
  }
}

const isRefusal = (error: unknown): error is DatabaseError | NotWritten =>
  error instanceof DatabaseError || error instanceof NotWritten

/** Each line is planned anew: one that others build on may be the one that fails. */
async function writeSingly(candidates: readonly Candidate[], options: BatchOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const candidate of candidates) {
    const plans = await planBatch(options.db, [candidate], options)
    try {
      await writePlans(plans, options)
      outcomes.push(...plans.map(({ outcome }) => outcome))
    } catch (error) {
      if (!isRefusal(error)) throw error
      outcomes.push(failed(candidate.line, error))
    }
  }
  return outcomes
}

/** What an application's own trigger says on purpose is for whoever imports. */
function failed(line: number, error: DatabaseError | NotWritten): Outcome {
  if (error instanceof NotWritten) return { line, outcome: 'failed', code: 'conflict', message: error.message }
  const of_trigger = error.sqlstate === 'P0001' || error.sqlstate.startsWith('PT')
  const message = of_trigger
    ? error.message
    : `the database refused the account${error.constraint ? ` (${error.constraint})` : ''}`
  return { line, outcome: 'failed', code: error.sqlstate, message }
}

async function writePlans(plans: readonly Plan[], { db, run }: BatchOptions): Promise<void> {
  const rounds: Plan[][] = []
  const count = new Map<string, number>()
  for (const plan of plans) {
    if (!plan.user) continue
    // A statement changes a row once: a second line on the same account goes into the next round.
    const round = count.get(plan.user.id) ?? 0
    count.set(plan.user.id, round + 1)
    rounds[round] = [...(rounds[round] ?? []), plan]
  }
  if (rounds.length === 0) return
  await db.transaction(async (tx) => {
    for (const round of rounds) await writeRound(tx, round)
    const done = rounds
      .flat()
      .flatMap(({ candidate, user }) => (user ? { account: candidate.account, user_id: user.id } : []))
    await noteImportedAccounts(tx, run, done)
  })
}

async function writeRound(tx: Queryable, round: readonly Plan[]): Promise<void> {
  const of = (wanted: Outcome['outcome']): CompletedUser[] =>
    round.flatMap(({ outcome, user }) => (user && outcome.outcome === wanted ? user : []))
  const [created, updated] = [of('created'), of('updated')]
  const users = [...created, ...updated]
  if (created.length > 0)
    await insertUsers(
      tx,
      created.map(({ columns }) => columns),
    )
  if (updated.length > 0 && (await updateUsers(tx, updated)) < updated.length)
    throw new NotWritten('the account was deleted meanwhile')
  for (const table of accountTables) {
    const rows = users.flatMap((user) => user.rows[table.name])
    if (rows.length > 0 && (await putAccountRows(tx, table, rows)) < rows.length)
      throw new NotWritten(`a row of ${table.name} belongs to another account`)
  }
  const added = updated.filter(({ rows }) => rows.identities.length > 0)
  if (added.length > 0) await addProviders(tx, idsOf(added))
  await writePasswords(tx, users, updated)
}

async function writePasswords(tx: Queryable, users: readonly CompletedUser[], updated: readonly CompletedUser[]) {
  const native = updated.filter(({ has_password, foreign_password }) => has_password && foreign_password === null)
  if (native.length > 0) await deleteForeignPasswords(tx, idsOf(native))
  const foreign = users.flatMap(({ id, foreign_password: params }) => (params ? { user_id: id, params } : []))
  if (foreign.length > 0) await putForeignPasswords(tx, foreign)
  // Of an account that is there, nobody vouches for what the line does not name.
  const vouched = users.filter((user) => user.is_vouched && (user.has_password || !updated.includes(user)))
  if (vouched.length > 0) await trustCredentials(tx, idsOf(vouched))
}

const idsOf = (users: readonly CompletedUser[]): string[] => users.map(({ id }) => id)
