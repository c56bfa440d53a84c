// How pages and mails call whoever runs this server.
import type { Config } from './keys.ts'

/** POSTERN_PAGES_NAME, or the host of the application. */
export const siteName = ({ pages_name, site_url }: Pick<Config, 'pages_name' | 'site_url'>): string =>
  pages_name || (URL.canParse(site_url) ? new URL(site_url).host || site_url : 'Postern')
