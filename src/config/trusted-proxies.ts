// POSTERN_TRUSTED_PROXIES: which proxies are ours, by their networks or by how many stand before us.
import { type Network, parseNetwork } from './ip-address.ts'

/** Proxies of ours: networks that they are in, or how many there are. */
export type TrustedProxies = { networks: Network[] } | { hops: number }

/** Reads networks, addresses, one number of at most two digits, or `none`, which is 0; null for anything else. */
export function trustedProxies(setting: readonly string[]): TrustedProxies | null {
  const [only = ''] = setting
  if (setting.length === 1 && only === 'none') return { hops: 0 }
  if (setting.length === 1 && /^\d{1,2}$/.test(only)) return { hops: Number(only) }
  const networks = setting.map(parseNetwork)
  return networks.includes(null) ? null : { networks: networks.filter((network) => network !== null) }
}
