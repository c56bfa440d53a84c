// The environment of a command: variables, and the files that --config names.
import { readFile } from 'node:fs/promises'
import { readEnvFile } from '../config/env-file.ts'
import { ConfigError, type Loaded, loadConfig, processEnvironment } from '../config/load.ts'
import type { Options } from './options.ts'

/** Variables of the process, over those of the files, of which earlier ones win. */
export async function readEnvironment({ config, port }: Options): Promise<Record<string, string | undefined>> {
  let variables: Record<string, string | undefined> = {}
  for (const file of config) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw new Error(`--config ${file}: ${error instanceof Error ? error.message : 'cannot be read'}`)
    })
    variables = { ...readEnvFile(text), ...variables }
  }
  return { ...variables, ...processEnvironment(), ...(port !== undefined && { PORT: port, GOTRUE_API_PORT: port }) }
}

/** The configuration, or null after all of its problems were printed. */
export function loadOrExplain(env: Record<string, string | undefined>): Loaded | null {
  try {
    return loadConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(`postern: the configuration has ${error.problems.length} problem(s):`)
    for (const problem of error.problems) console.error(`  - ${problem}`)
    for (const sentence of error.unknown) console.error(`  (${sentence})`)
    console.error('Every variable is described in docs/configuration.md.')
    return null
  }
}
