// Reads the sources and what they import: for the rules of architecture, and for the picture of rooms.
import { glob, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An import of a file of our own; `types` where only types come from it. */
export interface Import {
  path: string
  types: boolean
}

/** A file of src/. */
export interface Source {
  path: string
  text: string
  imports: Import[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const statement = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'/gm
const later = /\bimport\('(\.[^']+)'\)/g

/** Every file of src/ by its path, in order. */
export async function readSources(): Promise<Source[]> {
  const sources: Source[] = []
  for await (const found of glob('src/**/*.ts', { cwd: root })) {
    const path = found.replaceAll('\\', '/')
    const text = await readFile(join(root, path), 'utf8')
    const at = (target: string) => normalize(join(dirname(path), target)).replaceAll('\\', '/')
    const imports = [
      ...Array.from(text.matchAll(statement), ([, types, target = '']) => ({
        path: at(target),
        types: types !== undefined,
      })),
      ...Array.from(text.matchAll(later), ([, target = '']) => ({ path: at(target), types: false })),
    ]
    sources.push({ path, text, imports })
  }
  return sources.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Rooms from left to right; imports point right only. A room's number is its place. */
const places: [RegExp, number, string][] = [
  [/^src\/(cli|index\.ts)/, 0, 'cli'],
  [/^src\/dev\//, 0, 'dev'],
  [/^src\/runtimes\//, 0, 'runtimes'],
  [/^src\/operations\//, 0, 'operations'],
  [/^src\/auth\.ts/, 1, 'auth'],
  [/^src\/http\//, 2, 'http'],
  [/^src\/pages\//, 2, 'pages'],
  [/^src\/flows\//, 3, 'flows'],
  [/^src\/storage\//, 4, 'storage'],
  [/^src\/providers\//, 4, 'providers'],
  [/^src\/delivery\//, 4, 'delivery'],
  [/^src\/hooks\//, 4, 'hooks'],
  [/^src\/limits\//, 4, 'limits'],
  [
    /^src\/(crypto\/|config\/|bounded-bytes\.ts|errors\.ts|locale\.ts|exact-json\.ts|in-time\.ts|json-values\.ts|on-first-use\.ts|context\.ts|meter\.ts|percent-decoded\.ts|read-address\.ts|reply\.ts|system-code\.ts|version\.ts|log\.ts|escape-html\.ts|work-beside\.ts)/,
    5,
    'base',
  ],
]
/**
 * The room of a file and its place from the left.
 * @throws Error for a file that lies in none
 */
export function placeOf(path: string): { rank: number; room: string } {
  const found = places.find(([pattern]) => pattern.test(path))
  if (!found) throw new Error(`${path} lies in no room`)
  return { rank: found[1], room: found[2] }
}

/** Rooms of `flows/steps/` from left to right; those of one number never import each other. */
export const stepRooms: Record<string, number> = {
  requests: 0,
  answers: 1,
  'transact.ts': 2,
  records: 3,
  sessions: 4,
  'one-time-tokens': 4,
  webauthn: 4,
  accounts: 5,
  verification: 5,
  external: 6,
}

/** The room of a step and its place; null for other files. */
export function stepRoomOf(path: string): { room: string; rank: number } | null {
  const [, room = ''] = /^src\/flows\/steps\/([^/]+)/.exec(path) ?? []
  const rank = stepRooms[room]
  return rank === undefined ? null : { room, rank }
}
