// Keeps what was found in bench/results.json, and writes it as tables and a picture into the documentation.
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { type Found, markdownTable } from './found.ts'
import { picture } from './picture.ts'

/** What was found, when and where. */
export interface Kept extends Found {
  /** A day (ISO 8601) and the machine. */
  day: string
  machine: string
}

const results = new URL('../results.json', import.meta.url)
const page = new URL('../../docs/performance.md', import.meta.url)
const image = new URL('../../docs/pictures/performance.svg', import.meta.url)

/** The machine, and how busy it is. */
const machineOf = (): string =>
  `${cpus()[0]?.model ?? 'processor'}, ${availableParallelism()} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} before`

/** The machine as it was when the measurements began. */
export const machine = machineOf()

/** The results that are kept, by their questions. */
export const readResults = async (): Promise<Record<string, Kept>> => JSON.parse(await readFile(results, 'utf8'))

/** A page with the tables of these results between the marks of their questions; what has no marks is left out. */
export function withTables(text: string, kept: Record<string, Kept>): string {
  return Object.entries(kept).reduce((so_far, [question, found]) => {
    const pattern = new RegExp(`(<!-- bench ${question} -->\\n).*?(<!-- end -->)`, 's')
    const told = `${found.how} Measured on ${found.day}: ${found.machine}.`
    return so_far.replace(
      pattern,
      (_, begin: string, end: string) => `${begin}${markdownTable(found)}\n\n${told}\n${end}`,
    )
  }, text)
}

/** Keeps one more result, and writes everything that is made of results. */
export async function writeDocs(question: string, found: Found): Promise<void> {
  const { [question]: _, ...before } = await readResults()
  const added: Kept = { day: new Date().toISOString().slice(0, 10), machine, ...found }
  const kept = Object.fromEntries(
    Object.entries({ ...before, [question]: added }).sort(([a], [b]) => a.localeCompare(b)),
  )
  await writeFile(results, `${JSON.stringify(kept, null, 2)}\n`)
  await renderDocs()
}

/** Writes the tables and the picture anew from the results that are kept. */
export async function renderDocs(): Promise<void> {
  const kept = await readResults()
  await writeFile(page, withTables(await readFile(page, 'utf8'), kept))
  await writeFile(image, picture(kept))
}
