// What a measurement found, as tables and pictures show it.

/** A bar of a picture: its parts lie one after the other. */
export interface Bar {
  name: string
  values: number[]
}

/** Bars over one scale. */
export interface Panel {
  title: string
  unit: string
  /** What the parts of each bar are. */
  parts: string[]
  bars: Bar[]
}

/** What was found. */
export interface Found {
  /** Heads of the columns; the first one is of what the row is about. */
  columns: string[]
  rows: (string | number)[][]
  /** How it was measured, and what it does not show, in sentences. */
  how: string
  panel?: Panel
}

/** A figure with as many digits as one can rely on. */
export const rounded = (value: number): number =>
  Number.isFinite(value) ? Number(value.toPrecision(value >= 1000 ? 4 : 3)) : 0

const write = (cell: string | number): string => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)

/** As a table of Markdown, with figures at the right. */
export function markdownTable({ columns, rows }: Found): string {
  const texts = [columns, ...rows.map((row) => row.map(write))]
  const isFigure = columns.map(
    (_, n) => rows.length > 0 && rows.every((row) => typeof row[n] !== 'string' || row[n] === '–'),
  )
  const widths = columns.map((_, n) => Math.max(...texts.map((row) => row[n]?.length ?? 0), 3))
  const line = (row: string[]): string =>
    `| ${row.map((text, n) => (isFigure[n] ? text.padStart(widths[n] ?? 0) : text.padEnd(widths[n] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, n) => (isFigure[n] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`
  const [head = [], ...body] = texts
  return [line(head.map(String)), rule, ...body.map((row) => line(row.map(String)))].join('\n')
}
