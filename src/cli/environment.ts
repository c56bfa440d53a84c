// The environment of a command: variables, and the files that --config names.
import { readFile } from 'node:fs/promises'
import { ConfigError, type Loaded, loadConfig, processEnvironment } from '../config/load.ts'
import { readVariables } from '../config/variables-file.ts'
import { readConfigDir } from '../operations/config-dir.ts'
import { systemCode } from '../system-code.ts'
import type { Options } from './options.ts'
import { UsageError } from './usage-error.ts'

/** Variables of the process, over those of the files, of which earlier ones win; a folder's go before all but the port. */
export async function readEnvironment(options: Options): Promise<Record<string, string | undefined>> {
  const { config, port, 'config-dir': folder } = options
  if (port !== undefined && !isPort(port)) throw new UsageError('--port must be a port, 0 to 65535')
  let variables: Record<string, string | undefined> = {}
  for (const file of config) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      const is_missing = systemCode(error) === 'ENOENT'
      throw is_missing
        ? new Error(`--config ${file}: there is no such file`)
        : new Error(`--config ${file} cannot be read`, { cause: error })
    })
    variables = { ...readVariables(file, text), ...variables }
  }
  const followed = folder === undefined ? {} : await readConfigDir(folder)
  return {
    ...variables,
    ...processEnvironment(),
    ...followed,
    ...(port !== undefined && { PORT: port, GOTRUE_API_PORT: port }),
  }
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535

/**
 * The port that is asked for; undefined where none is.
 * @throws Error that names what asks for it
 */
export function readPort(env: Record<string, string | undefined>): number | undefined {
  const name = ['GOTRUE_API_PORT', 'PORT'].find((known) => env[known]?.trim())
  const text = name === undefined ? '' : (env[name] ?? '').trim()
  if (name === undefined) return undefined
  if (!isPort(text)) throw new Error(`${name} must be a port, 0 to 65535`)
  return Number(text)
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
