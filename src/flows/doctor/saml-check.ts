// The check of identity providers of companies: whether their stored metadata can sign anybody in, and for how long.
import type { SamlMetadata } from '../../providers/saml/metadata.ts'
import { createSamlThread, type SamlThread } from '../../providers/saml/saml-thread.ts'
import { keysOf } from '../../providers/saml/signed-element.ts'
import { findSsoProviders, type SsoProvider } from '../../storage/sso-providers.ts'
import type { DatabaseCheck } from './check.ts'

const month_ms = 30 * 86_400_000

/** Reads the stored metadata of every provider that is switched on. */
export const samlCheck: DatabaseCheck = {
  name: 'identity providers of companies',
  needs: 'database',
  applies: ({ saml_enabled }) => saml_enabled,
  async run({ db, now }) {
    // As in a server, so that a large document holds up nobody where doctor is a page of one.
    const thread = createSamlThread([])
    try {
      const providers = await findSsoProviders(db, {})
      const problems: string[] = []
      for (const provider of providers.filter(({ disabled }) => !disabled))
        problems.push(...(await problemsOf(thread, provider, now())))
      return problems
    } finally {
      await thread.close()
    }
  },
}

async function problemsOf(thread: SamlThread, provider: SsoProvider, now_ms: number): Promise<string[]> {
  const name = `the identity provider ${provider.entity_id} (${provider.domains[0] ?? provider.id})`
  let metadata: SamlMetadata
  try {
    metadata = await thread.readMetadata(provider.metadata_xml)
  } catch {
    return [`${name} has metadata that cannot be read; send it again: PUT /admin/sso/providers/${provider.id}`]
  }
  const problems: string[] = []
  if (metadata.sso_address === '')
    problems.push(
      `${name} takes no requests by HTTP-Redirect; switch that binding on there and send its metadata again`,
    )
  if (keysOf(metadata.certificates).length === 0)
    problems.push(
      `${name} has no certificate for signatures with an RSA key of 2048 bits or an elliptic one; make one there`,
    )
  const left_ms = metadata.valid_until_ms === null ? Number.POSITIVE_INFINITY : metadata.valid_until_ms - now_ms
  if (left_ms < month_ms && !provider.metadata_url)
    problems.push(
      left_ms < 0
        ? `${name} has metadata that is over; send it again, or give its metadata_url, which is read by itself`
        : `${name} has metadata for ${Math.floor(left_ms / 86_400_000)} more days; give its metadata_url, which is read by itself`,
    )
  return problems
}
