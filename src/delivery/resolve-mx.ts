// Asks DNS where the mail of a host goes (RFC 5321 §5.1).
import { resolveMx as queryMx, resolve4, resolve6 } from 'node:dns/promises'
import { systemCode } from '../system-code.ts'

const isDefinite = (error: unknown): boolean => ['ENOTFOUND', 'ENODATA'].includes(systemCode(error))

/** Names of mail exchangers, or of the host itself where it has only addresses; `none` only on a definite answer. */
export async function resolveMx(host: string): Promise<string[] | 'none' | 'unknown'> {
  try {
    const exchangers = await queryMx(host)
    if (exchangers.length > 0) return exchangers.map(({ exchange }) => exchange)
  } catch (error) {
    if (!isDefinite(error)) return 'unknown'
  }
  const [four, six] = await Promise.allSettled([resolve4(host), resolve6(host)])
  if (four.status === 'fulfilled' || six.status === 'fulfilled') return [host]
  return isDefinite(four.reason) && isDefinite(six.reason) ? 'none' : 'unknown'
}
