// The body of a request of many changes (RFC 7644 §3.7): what each does, and which others it names.
import { isJsonObject } from '../../json-values.ts'
import { scimRefusal } from './scim-refusal.ts'

/** Changes of one request at most. */
export const mostOperations = 500

/** One of many changes. */
export interface BulkOperation {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The segment of the path that names the kind. */
  kind: string
  /** The id, or `bulkId:` and the name of a change that makes it; `''` for POST. */
  id: string
  bulk_id: string | null
  version: string | null
  data: Record<string, unknown>
  /** Names of changes that make what this one names. */
  refers_to: ReadonlySet<string>
}

const refused = (detail: string) => scimRefusal('invalidSyntax', detail)

const byName = (object: unknown) =>
  new Map(Object.entries(Object(object)).map(([name, value]) => [name.toLowerCase(), value as unknown]))

/**
 * Reads a body; `most_errors` is after how many failures the rest is left.
 * @throws AuthError 400 invalidSyntax; 413 for too many
 */
export function readBulk(body: Record<string, unknown>): { operations: BulkOperation[]; most_errors: number } {
  const fields = byName(body)
  const listed = fields.get('operations')
  if (!Array.isArray(listed) || listed.length === 0) throw refused('Operations must be a list')
  if (listed.length > mostOperations)
    throw scimRefusal('tooMany', `Operations has at most ${mostOperations} elements`, 413)
  const limit = fields.get('failonerrors') ?? null
  if (limit !== null && (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1))
    throw refused('failOnErrors must be a whole number from 1')
  const operations = listed.map(readOperation)
  const names = operations.flatMap(({ bulk_id }) => (bulk_id === null ? [] : [bulk_id]))
  if (new Set(names).size < names.length) throw refused('each bulkId must be another')
  return { operations, most_errors: limit ?? Number.POSITIVE_INFINITY }
}

const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

function readOperation(given: unknown): BulkOperation {
  const fields = byName(given)
  const method = methods.find((name) => name === String(fields.get('method')).toUpperCase())
  if (!method) throw refused('method must be POST, PUT, PATCH or DELETE')
  const [, kind, id = ''] = /^\/(\w+)(?:\/([^/]+))?$/.exec(String(fields.get('path'))) ?? []
  if (kind === undefined || (id === '') !== (method === 'POST'))
    throw refused('path must be that of a kind for POST, and else that of a resource')
  const bulk_id = fields.get('bulkid') ?? null
  if (bulk_id !== null && (typeof bulk_id !== 'string' || bulk_id === '' || bulk_id.length > 256))
    throw refused('bulkId must be a text of at most 256 characters')
  if (method === 'POST' && bulk_id === null) throw refused('POST needs a bulkId')
  const data = fields.get('data') ?? {}
  if (!isJsonObject(data)) throw refused('data must be an object')
  const version = fields.get('version')
  return {
    method,
    kind,
    id,
    bulk_id,
    version: typeof version === 'string' ? version : null,
    data,
    refers_to: new Set([...namesIn(id), ...namesIn(data)]),
  }
}

function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return Array.from(value.matchAll(/^bulkId:(.+)$/gs), ([, name = '']) => name)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(namesIn) : []
}
