// What the variables of pages must hold together.
import { readFileSync } from 'node:fs'
import { accentOf } from './accent-color.ts'
import type { Config } from './keys.ts'

/** Sentences on what is wrong with them, each with the name of its variable. */
export function checkPages(config: Config): string[] {
  const { pages, console, pages_url, pages_logo_url, pages_stylesheet } = config
  const problems: string[] = []
  const base = pages_url || config.api_external_url
  if (pages_url !== '' && !isWebAddress(pages_url))
    problems.push('POSTERN_PAGES_URL must be an address that begins with http:// or https://')
  else if (console && !pages) problems.push('POSTERN_CONSOLE needs POSTERN_PAGES: operators sign in there')
  else if (console && URL.canParse(base) && new URL(base).pathname !== '/')
    problems.push(
      'POSTERN_PAGES_URL must be an address without a path while POSTERN_CONSOLE is on: what else lives at the origin of API_EXTERNAL_URL could act as an operator',
    )
  if (!isColor(config)) problems.push('POSTERN_PAGES_COLOR must be a colour such as #0b6b4e or rgb(11, 107, 78)')
  if (pages_logo_url !== '' && !isWebAddress(pages_logo_url))
    problems.push('POSTERN_PAGES_LOGO_URL must be an address that begins with http:// or https://')
  if (pages_stylesheet !== '' && !isReadable(pages_stylesheet))
    problems.push('POSTERN_PAGES_STYLESHEET must be a file that can be read')
  const names = config.account_fields.map((entry) => entry.split(':', 1)[0] ?? '')
  if (names.some((name, place) => name === '' || names.indexOf(name) !== place))
    problems.push('POSTERN_ACCOUNT_FIELDS must name each field once, such as full_name,team:Your team')
  return problems
}

const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

const isColor = (config: Config): boolean => isPossible(() => accentOf(config))
const isReadable = (path: string): boolean => isPossible(() => readFileSync(path))

function isPossible(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
