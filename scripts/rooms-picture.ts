// docs/rooms.svg: the rooms and who imports whom, drawn from the imports, so that the picture stays true.
import { placeOf, readSources, type Source, stepRoomOf, stepRooms } from './sources.ts'

interface Box {
  name: string
  x: number
  y: number
}

const width = 118
const height = 40
const across = 168
const down = 62

/** Who imports whom, as pairs `from → to`; types alone do not count, they cost nothing when the program runs. */
function edgesOf(sources: readonly Source[], roomOf: (path: string) => string | null): [string, string][] {
  const found = new Set<string>()
  for (const { path, imports } of sources)
    for (const target of imports) {
      const [from, to] = [roomOf(path), roomOf(target.path)]
      if (!target.types && from !== null && to !== null && from !== to) found.add(`${from} ${to}`)
    }
  return [...found].sort().map((edge) => edge.split(' ') as [string, string])
}

/** Boxes in columns by their place, each column in the middle of the height. */
function layOut(columns: readonly (readonly string[])[], top: number): Box[] {
  const most = Math.max(...columns.map((column) => column.length))
  return columns.flatMap((column, x) =>
    column.map((name, y) => ({ name, x: 20 + x * across, y: top + ((most - column.length) / 2 + y) * down })),
  )
}

/** A line from the near side of one box to the near side of another; over boxes between them it makes a bow. */
function wayOf(a: Box, b: Box): string {
  if (a.x === b.x) {
    const [y1, y2] = a.y < b.y ? [a.y + height, b.y - 3] : [a.y, b.y + height + 3]
    return `M${a.x + width / 2} ${y1}V${y2}`
  }
  const right = b.x > a.x ? 1 : -1
  const [x1, x2] = right === 1 ? [a.x + width, b.x - 3] : [a.x, b.x + width + 3]
  const [y1, y2] = [a.y + height / 2, b.y + height / 2]
  const between = Math.abs(b.x - a.x) / across - 1
  const bow = Math.abs(y1 - y2) < down ? between * 26 : 0
  const bend = Math.max(24, Math.abs(x2 - x1) / 2.5) * right
  return `M${x1} ${y1}C${x1 + bend} ${y1 - bow} ${x2 - bend} ${y2 - bow} ${x2} ${y2}`
}

function draw(boxes: readonly Box[], edges: readonly [string, string][]): string {
  const at = new Map(boxes.map((box) => [box.name, box]))
  const lines = edges.flatMap(([from, to]) => {
    const [a, b] = [at.get(from), at.get(to)]
    return a && b ? [`<path d="${wayOf(a, b)}"><title>${from} → ${to}</title></path>`] : []
  })
  const rooms = boxes.map(
    ({ name, x, y }) =>
      `<g><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text x="${x + width / 2}" y="${y + 25}">${name}</text></g>`,
  )
  return [...lines, ...rooms].join('\n')
}

/** Groups names by their number, in order. */
function columnsOf(ranks: ReadonlyMap<string, number>): string[][] {
  const columns: string[][] = []
  for (const [name, rank] of ranks) columns[rank] = [...(columns[rank] ?? []), name]
  return columns.filter((column) => column.length > 0)
}

const style = `svg{color-scheme:light dark}rect{fill:light-dark(#f2f7f5,#17211d);stroke:light-dark(#0b6e4f,#4cc49a)}text{font:14px system-ui,sans-serif;text-anchor:middle;fill:light-dark(#1b1f27,#e8eaee)}text.note{text-anchor:start;fill:light-dark(#667085,#98a2b3);font-size:13px}path{fill:none;stroke:light-dark(#9aa4b2,#667085);stroke-width:1.2;marker-end:url(#tip)}marker path{fill:light-dark(#9aa4b2,#667085);stroke:none;marker-end:none}`

/** The picture: the house, and below it the rooms of `flows/steps`. */
export async function roomsPicture(): Promise<string> {
  const sources = await readSources()
  const roomOf = (path: string) => {
    const { room } = placeOf(path)
    if (room !== 'base') return path === 'src/index.ts' ? null : room
    // What lies beside the rooms, such as errors and log, is used by all of them: its lines would hide the others.
    return /^src\/(crypto|config)\//.exec(path)?.[1] ?? null
  }
  const ranks = new Map<string, number>()
  for (const { path } of sources) {
    const room = roomOf(path)
    if (room !== null) ranks.set(room, placeOf(path).rank)
  }
  const stepOf = (path: string) => stepRoomOf(path)?.room ?? null
  const house = columnsOf(ranks)
  const steps = columnsOf(new Map(Object.entries(stepRooms)))
  const top = 40
  const second = top + Math.max(...house.map((column) => column.length)) * down + 110
  const total = second + Math.max(...steps.map((column) => column.length)) * down + 10
  const columns = Math.max(house.length, steps.length)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${20 + columns * across} ${total}" role="img" aria-label="Rooms of Postern and who imports whom">
<style>${style}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
<text class="note" x="20" y="22">src/ — an arrow is an import; errors, log, reply and context are used everywhere</text>
${draw(layOut(house, top), edgesOf(sources, roomOf))}
<text class="note" x="20" y="${second - 78}">src/flows/steps/ — each room imports rooms to its left only</text>
${draw(layOut(steps, second), edgesOf(sources, stepOf))}
</svg>
`
}
