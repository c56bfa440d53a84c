// Leads browsers that ask for a page under another name of this machine to the one that the pages' forms and cookies belong to.
import type { Config } from '../config/keys.ts'
import { pagesOrigin } from '../config/pages-address.ts'

const ownNames = ['localhost', '127.0.0.1', '[::1]']

/** A redirect to the same page at the pages' own origin; null where the request is there already, or for no page. */
export function leadToPages(request: Request, config: Config): Response | null {
  const url = new URL(request.url)
  const origin = config.pages ? pagesOrigin(config) : url.origin
  const isElsewhere = url.origin !== origin && ownNames.includes(url.hostname)
  if (request.method !== 'GET' || !isElsewhere || !/^\/(pages|console)(\/|$)/.test(url.pathname)) return null
  return new Response(null, { status: 307, headers: { location: `${origin}${url.pathname}${url.search}` } })
}
