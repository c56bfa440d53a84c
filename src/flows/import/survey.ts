// What an import would take from its files and what not: looked at as a whole before anything is written.
import { type Columns, findLeftovers, type Leftover, type Preset } from './preset-columns.ts'
import { adviceOn } from './presets.ts'
import type { SourceLine } from './read-source.ts'
import { isTableLine } from './write-table-line.ts'

/** What was found. */
export interface Survey {
  total: number
  /** Columns with content that are not taken, and in how many lines. */
  leftovers: (Leftover & { lines: number })[]
}

/** Looks at all lines. */
export async function survey(lines: AsyncIterable<SourceLine>, columns: Columns): Promise<Survey> {
  let total = 0
  const found = new Map<string, Leftover & { lines: number }>()
  for await (const { raw } of lines) {
    total++
    if (!raw || isTableLine(raw)) continue
    const paths = new Map(findLeftovers(columns, raw).map((leftover) => [leftover.path, leftover]))
    for (const [path, leftover] of paths) {
      const there = found.get(path)
      if (there) there.lines++
      else found.set(path, { ...leftover, lines: 1 })
    }
  }
  return { total, leftovers: [...found.values()] }
}

/** Prints what is left out; false where somebody would lose by that and nobody asked for it. */
export function report(
  { total, leftovers }: Survey,
  { title, columns }: Preset,
  ignore_unknown: boolean,
  print: (line: string) => void,
): boolean {
  print(`${total} accounts in the form of ${title}.`)
  const show = (some: Survey['leftovers']) => {
    for (const { path, why, lines } of some) print(`  ${path} (${lines} lines): ${why ?? adviceOn(path, columns)}`)
  }
  const quiet = leftovers.filter(({ is_lost }) => !is_lost)
  const loud = leftovers.filter(({ is_lost }) => is_lost)
  if (quiet.length > 0) print('Left out:')
  show(quiet)
  if (loud.length === 0) return true
  print(ignore_unknown ? 'Left out, as --ignore-unknown says:' : 'These columns would get lost:')
  show(loud)
  if (ignore_unknown) return true
  print('Nothing was written. --map COLUMN=FIELD says what a column is, --ignore-unknown leaves these out.')
  return false
}
