// The assertion of an answer, by value or for an artifact, checked against the provider's metadata as it is now.
import type { Ctx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { SamlMetadata } from '../../providers/saml/metadata.ts'
import { readBase64, SamlError } from '../../providers/saml/parse-xml.ts'
import type { SamlAssertion } from '../../providers/saml/read-assertion.ts'
import type { SamlAttempt } from '../../storage/saml-relay-states.ts'
import type { SsoProvider } from '../../storage/sso-providers.ts'
import type { AcsForm } from './acs-form.ts'
import { resolveArtifact } from './resolve-artifact.ts'
import { factsOf, isStale, metadataOf, refreshMetadata, requireSaml } from './saml-provider.ts'

/** Characters of a message that an error repeats: enough to tell what came, too few to tell of a person or to be used. */
const maxRepeated = 100

/** The answer to an assertion that is not accepted; why is in the log alone, since it could serve whoever forged it. */
export function invalidAssertion(ctx: Ctx, form: AcsForm, cause: SamlError): AuthError {
  ctx.log_fields.saml_problem = cause.message
  const start = (readBase64(form.SAMLResponse)?.toString() ?? form.SAMLResponse).slice(0, maxRepeated)
  return new AuthError(400, 'validation_failed', `SAML Assertion is not valid ${start}`, { cause })
}

/**
 * The assertion of a form.
 * @throws SamlError, AuthError
 */
export async function acceptMessage(
  ctx: Ctx,
  form: AcsForm,
  provider: SsoProvider,
  attempt: SamlAttempt | null,
): Promise<SamlAssertion> {
  const metadata = await metadataOf(ctx, provider)
  const stale = isStale(ctx, provider, metadata)
  const refreshed = stale ? refreshMetadata(ctx, provider) : Promise.resolve(null)
  const accept = await acceptorOf(ctx, form, metadata, attempt)
  try {
    return await accept(metadata)
  } catch (error) {
    // A provider that has changed its keys meanwhile says so in its metadata.
    const fresh = error instanceof SamlError && stale ? await refreshed : null
    if (!fresh) throw error
    return accept(fresh)
  }
}

async function acceptorOf(
  ctx: Ctx,
  form: AcsForm,
  metadata: SamlMetadata,
  attempt: SamlAttempt | null,
): Promise<(metadata: SamlMetadata) => Promise<SamlAssertion>> {
  const { acs } = requireSaml(ctx)
  const request_id = attempt?.request_id ?? null
  if (form.SAMLart === '' || attempt === null)
    return (now) => ctx.saml.acceptResponse(form.SAMLResponse, factsOf(ctx, now, acs), request_id)
  const { envelope, resolve_id } = await resolveArtifact(ctx, form.SAMLart, metadata)
  return (now) => ctx.saml.acceptArtifact(envelope, resolve_id, factsOf(ctx, now, acs), request_id)
}
