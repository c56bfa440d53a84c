// Reads files of variables: a `.json` file is an object of texts, as in the reference; any other is a `.env` file.
import { jsonObjectOrNull } from '../json-values.ts'
import { readEnvFile } from './env-file.ts'

/** Whether a file of a folder holds variables. */
export const holdsVariables = (name: string): boolean => /\.(env|json)$/.test(name)

/**
 * The variables of a file, by the end of its name.
 * @throws Error that names the file and says where it is malformed, never with its text
 */
export function readVariables(name: string, text: string): Record<string, string> {
  try {
    return name.endsWith('.json') ? readJson(text) : readEnvFile(text)
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`)
  }
}

function readJson(text: string): Record<string, string> {
  // An editor's byte order mark is none of the JSON.
  const object = jsonObjectOrNull(text.replace(/^\uFEFF/, ''))
  if (object === null) throw new Error('must be a JSON object such as {"GOTRUE_SITE_URL":"https://app.example.com"}')
  const wrong = Object.entries(object).find(([, value]) => typeof value !== 'string')
  if (wrong) throw new Error(`the value of ${wrong[0]} must be a text in quotes`)
  return object as Record<string, string>
}
