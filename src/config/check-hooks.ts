// Checks where hooks are and what signs their calls; as in the reference also of hooks that are off, but for signatures of none.
import { hookNames } from './families.ts'
import { hookAddress } from './hook-address.ts'
import type { Config } from './keys.ts'

/** Base64 of 24 bytes or more, which the reference limits to 64 in words only. */
const secretForm =
  /^(v1,whsec_([A-Za-z0-9+/=]{32,88}|([A-Za-z0-9+/=]{4}){23,256})|v1a,whpk_[A-Za-z0-9+/=]+:whsk_[A-Za-z0-9+/=]+)$/

/** Sentences on what is wrong with the hooks. */
export function checkHooks(config: Config): string[] {
  return hookNames.flatMap((name) => {
    const { enabled, uri, secrets } = config.hooks[name]
    const variable = `GOTRUE_HOOK_${name.toUpperCase()}`
    const problems: string[] = []
    const at = uri === '' ? null : hookAddress(uri, config.hook_allow_http_hosts)
    if (enabled && uri === '') problems.push(`${variable}_URI is required when the hook is on`)
    if (at && 'problem' in at) problems.push(`${variable}_URI ${at.problem}`)
    // A function in the database is called without, and a hook that is nowhere not at all.
    if (uri !== '' && !/^pg-functions:/i.test(uri) && !secrets.every((secret) => secretForm.test(secret)))
      problems.push(
        `${variable}_SECRETS must each be v1,whsec_ and 32 to 88 characters of base64, or v1a,whpk_…:whsk_…, with | between`,
      )
    return problems
  })
}
