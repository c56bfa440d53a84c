// Asks a database what scenarios/schema.mjs asks, and gives the recorded answers to compare with.
import { readFile } from 'node:fs/promises'
import type { Db } from '../../src/storage/db.ts'

interface Step {
  label: string
  value: unknown
}

type Scenario = { name: string; run(t: object): Promise<void> }

/** The recording of the group `schema`, by scenario. */
export async function recordedSchema(): Promise<Record<string, Step[]>> {
  return JSON.parse(await readFile(new URL('../conformance/golden/schema.json', import.meta.url), 'utf8'))
}

/** What a database answers to the scenarios of the group `schema`. */
export async function answeredSchema(db: Db): Promise<Record<string, Step[]>> {
  const module: { default: Scenario[] } = await import(
    new URL('../conformance/scenarios/schema.mjs', import.meta.url).href
  )
  const { Normaliser } = await import(new URL('../conformance/lib/normalise.mjs', import.meta.url).href)
  const answers: Record<string, Step[]> = {}
  for (const { name, run } of module.default) {
    const steps: Step[] = []
    const normaliser = new Normaliser()
    const sql = async (statement: string) => {
      const [row] = await db.query<{ rows: unknown }>(
        `select coalesce(json_agg(t), '[]') as rows from (${statement}) t`,
      )
      return row?.rows
    }
    const rows = async (label: string, statement: string) => {
      const value = await sql(statement)
      steps.push({ label, value: normaliser.value(value) })
      return value
    }
    await run({ sql, rows })
    answers[name] = steps
  }
  return answers
}
