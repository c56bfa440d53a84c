// Where the pages for people are, as browsers see it.
import type { Config } from './keys.ts'

type PagesConfig = Pick<Config, 'pages_url' | 'api_external_url'>

const baseOf = ({ pages_url, api_external_url }: PagesConfig): string =>
  (pages_url || api_external_url).replace(/\/+$/, '')

/** The absolute address of a page. */
export const pageAddress = (config: PagesConfig, path: string): string => `${baseOf(config)}${path}`

/** The origin that the browser sends with the forms of pages. */
export const pagesOrigin = (config: PagesConfig): string => new URL(baseOf(config)).origin

/** The path of a page as the browser asks for it, with what stands before it at this server or at a gateway. */
export const pagePath = (config: PagesConfig, path: string): string =>
  `${new URL(baseOf(config)).pathname.replace(/\/+$/, '')}${path}`

/** The path below the pages' base of an address that is one of our own pages; null for any other. */
export function ownPagePath(config: PagesConfig & Pick<Config, 'pages'>, address: string): string | null {
  if (!config.pages || !URL.canParse(address)) return null
  const url = new URL(address)
  const base = pagePath(config, '')
  if (url.origin !== pagesOrigin(config) || url.username !== '' || url.password !== '') return null
  if (!url.pathname.startsWith(`${base}/pages/`)) return null
  return `${url.pathname.slice(base.length)}${url.search}`
}
