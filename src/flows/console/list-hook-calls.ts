// GET /console/hooks: the hooks, where they are, and how their last calls went in this process.
import { hookNames } from '../../config/families.ts'
import type { AdminCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { shownAddress } from './shown-value.ts'

/** Answers with every hook point. */
export function listHookCalls({ config, hooks }: AdminCtx): Reply {
  const rows = hookNames.map((name) => {
    const { enabled, uri, secrets } = config.hooks[name]
    return { name, enabled, uri: shownAddress(uri), signed: secrets.length, calls: hooks.recent.of(name) }
  })
  return json({ hooks: rows })
}
