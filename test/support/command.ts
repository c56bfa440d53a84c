// Runs a command of the shell against a database of a test, and saves the files that it reads.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCommand } from './process.ts'
import { jwtSecret } from './server.ts'

/** What a line of an import says of itself. */
export interface Result {
  line: number
  outcome: string
  id: string
  code: string
  message: string
}

/** What a command did. */
export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  /** The lines of JSON on standard output. */
  results: Result[]
}

/** The variables of a command on a database. */
export const commandEnvironment = (url: string): Record<string, string> => ({
  DATABASE_URL: url,
  API_EXTERNAL_URL: 'http://auth.example.test',
  GOTRUE_SITE_URL: 'http://site.example',
  GOTRUE_JWT_SECRET: jwtSecret,
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
})

/** Runs a command to its end; `input` is its standard input. */
export async function runCommand(
  args: string[],
  url: string,
  { env = {}, input = '' }: { env?: Record<string, string>; input?: string } = {},
): Promise<Ran> {
  const { child, ended } = startCommand(args, { ...commandEnvironment(url), ...env })
  let [stdout, stderr] = ['', '']
  child.stdout?.on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr?.on('data', (chunk: string) => {
    stderr += chunk
  })
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  const code = await ended
  const results = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  return { code, stdout, stderr, results }
}

/** A folder for files of a test. */
export async function testFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'postern-import-'))
  return {
    folder,
    /** Saves a text, bytes, or objects as lines of JSON; gives the path. */
    async save(name: string, content: string | Buffer | object[]): Promise<string> {
      const file = join(folder, name)
      const is_lines = Array.isArray(content)
      await writeFile(file, is_lines ? content.map((line) => JSON.stringify(line)).join('\n') : content)
      return file
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
