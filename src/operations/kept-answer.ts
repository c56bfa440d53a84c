// The answer to GET /health, kept as it was given first: it is the same for everybody, and load balancers ask all day.
import type { Config } from '../config/keys.ts'
import type { Meter } from '../meter.ts'
import type { Handle, KeptAnswer } from '../runtimes/node.ts'

/** What the answer comes from. */
export interface KeptAnswerOptions {
  handle: Handle
  config: Pick<Config, 'base_path' | 'tracing_enabled'>
  meter: Meter
}

/**
 * Answers what needs no Request and no Response, and lets all else go the long way: the first time, with an Origin, with a
 * query, and where each request has a span.
 */
export function createKeptAnswer({ handle, config, meter }: KeptAnswerOptions): KeptAnswer {
  const path = `${config.base_path.replace(/\/+$/, '')}/health`
  let kept: ReturnType<KeptAnswer> = null
  let isAsked = config.tracing_enabled
  return ({ method, url, headers }) => {
    if (method !== 'GET' || url !== path || headers.origin !== undefined) return null
    if (kept) {
      const measured = { method, route: '/health', status: 200 }
      meter.time('requests', measured, 0)
      meter.count('answers', { code: 200, method, route: '/health' })
    } else if (!isAsked) {
      isAsked = true
      void handle(new Request(`http://localhost${path}`), { client_address: '' }).then(async (response) => {
        const body = Buffer.from(await response.arrayBuffer())
        if (response.status !== 200) return
        kept = { headers: { ...Object.fromEntries(response.headers), 'content-length': String(body.length) }, body }
      })
    }
    return kept
  }
}
