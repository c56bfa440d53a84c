// What postern doctor says of the proxies in front of the server.
import type { Config } from '../config/keys.ts'

/** Asks for POSTERN_TRUSTED_PROXIES where nothing says whose word on clients counts; null where something does. */
export function checkProxies(config: Config): { what: string; advice: string } | null {
  const isTold =
    config.trusted_proxies.length > 0 || config.rate_limit_header !== '' || config.security_sb_forwarded_for_enabled
  if (isTold) return null
  return {
    what: 'proxies: peers in private networks count as such, and all clients of one share fifty times each limit',
    advice: 'Set POSTERN_TRUSTED_PROXIES to the network of your proxy, or to none where clients connect themselves.',
  }
}
