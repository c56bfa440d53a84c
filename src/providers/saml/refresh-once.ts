// Metadata is fetched by one request at a time, and not again soon when that failed.
import type { SamlMetadata } from './metadata.ts'

/** Runs the fetch of a provider, joins one that is under way, or gives null where the last was just now. */
export type RefreshOnce = (
  provider_id: string,
  fetch: () => Promise<SamlMetadata | null>,
) => Promise<SamlMetadata | null>

/** Milliseconds between two fetches of a provider. */
const pause_ms = 60_000

/** Makes the guard of a server's fetches. */
export function createRefreshOnce(now: () => number): RefreshOnce {
  const running = new Map<string, Promise<SamlMetadata | null>>()
  const last = new Map<string, number>()
  return (provider_id, fetch) => {
    const joined = running.get(provider_id)
    if (joined) return joined
    if (now() - (last.get(provider_id) ?? Number.NEGATIVE_INFINITY) < pause_ms) return Promise.resolve(null)
    last.set(provider_id, now())
    const fetching = fetch().finally(() => running.delete(provider_id))
    running.set(provider_id, fetching)
    return fetching
  }
}
