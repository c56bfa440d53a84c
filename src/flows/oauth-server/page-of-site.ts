// Where people are asked: on a page of the application's own site, or of this server.
import { pageAddress } from '../../config/pages-address.ts'
import type { Ctx } from '../../context.ts'

/** The page at a path of the site, or that of Postern where none is configured; null where there is neither. */
export function pageOfSite({ config }: Ctx, path: string, own: string): string | null {
  if (path !== '') return `${config.site_url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
  return config.pages ? pageAddress(config, own) : null
}
