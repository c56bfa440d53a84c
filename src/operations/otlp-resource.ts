// Who this server is, as traces and metrics say it.
import { randomUUID } from 'node:crypto'
import type { Resource } from '@opentelemetry/resources'
import type { Config } from '../config/keys.ts'
import { version } from '../version.ts'

/** The resource of OpenTelemetry: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and the tags of GOTRUE_TRACING_TAGS. */
export async function otlpResource(config: Config): Promise<Resource> {
  const { resourceFromAttributes } = await import('@opentelemetry/resources')
  return resourceFromAttributes({
    'service.version': version,
    'service.instance.id': randomUUID(),
    ...config.tracing_tags,
    ...config.otel_resource_attributes,
    'service.name': config.otel_service_name || config.tracing_service_name,
  })
}
