// Prints rows for people: aligned columns under their names.

/** Prints rows of equal fields; nothing but a line for none. */
export function printTable(rows: readonly Record<string, unknown>[]): void {
  const [first] = rows
  if (!first) {
    console.log('nothing found')
    return
  }
  const names = Object.keys(first)
  const cells = rows.map((row) => names.map((name) => shown(row[name])))
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((line) => line[i]?.length ?? 0)))
  for (const line of [names, ...cells])
    console.log(
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

/** Control characters would move a terminal's cursor. */
const shown = (value: unknown): string =>
  (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value ?? '')).replace(/\p{Cc}/gu, '?')
