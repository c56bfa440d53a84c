// Artifacts (SAML Bindings §3.6): what a browser brings instead of a response, which the provider gives for it.
import { createHash } from 'node:crypto'
import type { Ctx } from '../../context.ts'
import { artifactEnvelope } from '../../providers/saml/artifact-envelope.ts'
import type { SamlMetadata } from '../../providers/saml/metadata.ts'
import { readBase64, SamlError } from '../../providers/saml/parse-xml.ts'
import { requireSaml } from './saml-provider.ts'

/** Type, index of the service, the hash of the provider's entity id, and the handle of the message (§3.6.4). */
const artifactLength = 44

/**
 * Asks the provider, by the guarded call, for what an artifact stands for.
 * @throws SamlError for an artifact of somebody else, and for a provider that does not do its part
 */
export async function resolveArtifact(
  ctx: Ctx,
  artifact: string,
  metadata: SamlMetadata,
): Promise<{ envelope: string; resolve_id: string }> {
  const bytes = readBase64(artifact)
  if (bytes?.length !== artifactLength || bytes.readUInt16BE(0) !== 4)
    throw new SamlError('the artifact is of no known form')
  const source = createHash('sha1').update(metadata.entity_id).digest()
  if (!bytes.subarray(4, 24).equals(source)) throw new SamlError('the artifact is of another provider')
  const index = bytes.readUInt16BE(2)
  const service = metadata.artifact_services.find((one) => one.index === index)
  if (!service) throw new SamlError('the provider has no service for the artifact')
  const resolve_id = `id-${ctx.random(20).toString('hex')}`
  const body = artifactEnvelope(requireSaml(ctx), {
    id: resolve_id,
    address: service.address,
    artifact,
    now_ms: ctx.now(),
  })
  const answer = await ctx.providers
    .sendDocument(service.address, {
      type: 'text/xml; charset=utf-8',
      body,
      soap_action: 'http://www.oasis-open.org/committees/security',
    })
    .catch((cause: unknown) => {
      throw new SamlError('the provider could not be asked for the artifact', { cause })
    })
  if (answer.status !== 200) throw new SamlError(`the provider answers ${answer.status} for the artifact`)
  return { envelope: answer.text, resolve_id }
}
