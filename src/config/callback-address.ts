// Where providers send people back to, unless their own settings name another address.
import type { Config } from './keys.ts'

const callbackOf = (base: string): string => `${base.replace(/\/$/, '')}/callback`

/** The address for providers of the registry. */
export const callbackAddress = ({ api_external_url }: Pick<Config, 'api_external_url'>): string =>
  callbackOf(api_external_url)

/** The address for providers that administrators add. */
export const customCallbackAddress = ({
  custom_oauth_external_url,
  api_external_url,
}: Pick<Config, 'custom_oauth_external_url' | 'api_external_url'>): string =>
  callbackOf(custom_oauth_external_url || api_external_url)
