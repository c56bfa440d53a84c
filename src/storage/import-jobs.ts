// Table postern.import_jobs: imports that the console began, each written down as it goes on.
import type { Queryable } from './db.ts'

/** What became of a line that was not taken. */
export interface LineResult {
  line: number
  outcome: string
  code?: string
  message?: string
}

/** An import. */
export interface ImportJob {
  id: string
  operator: string
  file_name: string
  preset: string
  dry_run: boolean
  /** Lines in all, and those that were met. */
  total: number
  met: number
  counts: Record<string, number>
  results: LineResult[]
  /** Why it ended before its end. */
  problem: string | null
  /** RFC 3339. */
  started_at: string
  ended_at: string | null
  /** Whether its server gave no sign of life for a minute. */
  is_lost: boolean
}

const columns = `id, operator, file_name, preset, dry_run, total, met, counts, problem, started_at, ended_at,
  ended_at is null and seen_at < now() - interval '1 minute' as is_lost`

/** Begins an import; those of more than thirty days go. */
export async function insertImportJob(
  db: Queryable,
  job: Pick<ImportJob, 'id' | 'operator' | 'file_name' | 'preset' | 'dry_run'>,
): Promise<void> {
  await db.query(
    `with over as (delete from postern.import_jobs where started_at < now() - interval '30 days')
      insert into postern.import_jobs (id, operator, file_name, preset, dry_run) values ($1, $2, $3, $4, $5)`,
    [job.id, job.operator, job.file_name, job.preset, job.dry_run],
  )
}

/** Writes down how far it is; `results` are added to those that are there. */
export async function noteImportProgress(
  db: Queryable,
  id: string,
  { total, met, counts, results }: Pick<ImportJob, 'total' | 'met' | 'counts' | 'results'>,
): Promise<void> {
  await db.query(
    `update postern.import_jobs set total = $2::int, met = $3::int, counts = $4::jsonb, results = results || $5::jsonb,
        seen_at = now() where id = $1`,
    [id, total, met, counts, JSON.stringify(results)],
  )
}

/** Ends it, with a problem where it has not come to its end. */
export async function endImportJob(db: Queryable, id: string, problem: string | null): Promise<void> {
  await db.query('update postern.import_jobs set ended_at = now(), problem = $2 where id = $1', [id, problem])
}

/** An import with the results of its lines. */
export async function findImportJob(db: Queryable, id: string): Promise<ImportJob | null> {
  const [job] = await db.query<ImportJob>(`select ${columns}, results from postern.import_jobs where id = $1`, [id])
  return job ?? null
}

/** The last imports, newest first, without results. */
export async function findImportJobs(db: Queryable, limit: number): Promise<Omit<ImportJob, 'results'>[]> {
  return db.query(`select ${columns} from postern.import_jobs order by started_at desc limit $1`, [limit])
}
