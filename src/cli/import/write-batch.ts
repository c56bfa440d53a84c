// Writes a batch of imported accounts in one transaction; where that fails, one by one to find which.
import { DatabaseError, type Db, type Queryable } from '../../storage/db.ts'
import {
  type ExistingUser,
  findExistingUsers,
  type ImportedUser,
  insertUsers,
  noteImportedLine,
  updateUsers,
} from '../../storage/import-users.ts'

/** What became of a line. */
export interface Outcome {
  line: number
  outcome: 'created' | 'updated' | 'skipped' | 'failed'
  id?: string
  code?: string
  message?: string
}

/** A line that can be imported. */
export interface Candidate {
  line: number
  user: ImportedUser
}

/** How a batch is written. */
export interface BatchOptions {
  db: Db
  upsert: boolean
  dry_run: boolean
  file_hash: string
}

/** Writes candidates up to `last_line`; nothing of a batch is kept without the note of how far it went. */
export async function writeBatch(
  candidates: readonly Candidate[],
  last_line: number,
  options: BatchOptions,
): Promise<Outcome[]> {
  const { db, dry_run, file_hash } = options
  const existing =
    candidates.length === 0
      ? []
      : await findExistingUsers(
          db,
          candidates.map(({ user }) => user),
        )
  const plans = plan(candidates, existing, options.upsert)
  if (dry_run) return plans.map(({ outcome }) => outcome)
  try {
    await db.transaction(async (tx) => {
      await write(tx, plans)
      await noteImportedLine(tx, file_hash, last_line)
    })
    return plans.map(({ outcome }) => outcome)
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return writeSingly(plans, last_line, options)
  }
}

interface Plan {
  outcome: Outcome
  user: ImportedUser
}

async function write(tx: Queryable, plans: readonly Plan[]): Promise<void> {
  const of = (wanted: Outcome['outcome']) =>
    plans.filter(({ outcome }) => outcome.outcome === wanted).map(({ user }) => user)
  const [created, updated] = [of('created'), of('updated')]
  if (created.length > 0) await insertUsers(tx, created)
  if (updated.length > 0) await updateUsers(tx, updated)
}

async function writeSingly(
  plans: readonly Plan[],
  last_line: number,
  { db, file_hash }: BatchOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const one of plans) {
    try {
      await db.transaction((tx) => write(tx, [one]))
      outcomes.push(one.outcome)
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error
      // What an application's own trigger says on purpose is for whoever imports.
      const message = error.sqlstate === 'P0001' ? error.message : 'the database refused the account'
      outcomes.push({ line: one.outcome.line, outcome: 'failed', code: error.sqlstate, message })
    }
  }
  await noteImportedLine(db, file_hash, last_line)
  return outcomes
}

/** Who is new, who is there, and who clashes, within the batch too. */
function plan(candidates: readonly Candidate[], existing: readonly ExistingUser[], upsert: boolean): Plan[] {
  const owners = new Map<string, string>()
  const keys = ({ id, email, phone }: ExistingUser) => [
    `id ${id}`,
    ...(email ? [`email ${email}`] : []),
    ...(phone ? [`phone ${phone}`] : []),
  ]
  for (const user of existing) for (const key of keys(user)) owners.set(key, user.id)
  return candidates.map(({ line, user }) => {
    const found = [...new Set(keys(user).flatMap((key) => owners.get(key) ?? []))]
    const [id = user.id, ...others] = found
    if (others.length > 0)
      return {
        user,
        outcome: {
          line,
          outcome: 'failed',
          code: 'conflict',
          message: 'id, email and phone belong to different accounts',
        },
      }
    if (found.length > 0 && !upsert)
      return {
        user,
        outcome: { line, outcome: 'skipped', id, code: 'user_already_exists', message: 'the account is there already' },
      }
    for (const key of keys(user)) owners.set(key, id)
    return { user: { ...user, id }, outcome: { line, outcome: found.length > 0 ? 'updated' : 'created', id } }
  })
}
