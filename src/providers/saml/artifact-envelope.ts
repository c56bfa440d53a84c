// The question to a provider for what an artifact stands for, in a SOAP envelope.
import type { ServiceProvider } from './service-provider.ts'
import { canonicalText, signedMessage } from './signed-message.ts'

/** The SOAP envelope that asks for the message of an artifact (SAML Core §3.5.1). */
export function artifactEnvelope(
  provider: ServiceProvider,
  request: { id: string; address: string; artifact: string; now_ms: number },
): string {
  const message = signedMessage(provider, {
    name: 'ArtifactResolve',
    id: request.id,
    attributes: {},
    content: `<samlp:Artifact>${canonicalText(request.artifact.trim())}</samlp:Artifact>`,
    address: request.address,
    now_ms: request.now_ms,
  })
  return `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${message}</soap:Body></soap:Envelope>`
}
