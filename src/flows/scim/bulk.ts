// POST /scim/v2/Bulk: many changes in one request, each for itself, which may name resources that others make (RFC 7644 §3.7).
import type { ScimCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Reply, scimError, scimReply } from '../../reply.ts'
import { constraintRefusal } from '../../storage/constraint-refusal.ts'
import { readOperations } from './apply-patch.ts'
import { type BulkOperation, readBulk } from './read-bulk.ts'
import { entityTag, idOfPath, locationOf } from './resource-kind.ts'
import { ifMatch, kindOf, type ScimBody } from './resource-kinds.ts'
import { scimRefusal } from './scim-refusal.ts'

interface Outcome {
  status: number
  location?: string
  version?: string
  response?: unknown
}

/** Makes the changes in their order, but those that name a resource after the one that makes it; answers what came of each. */
export async function bulk(ctx: ScimCtx, body: ScimBody): Promise<Reply> {
  const { operations, most_errors } = readBulk(body)
  const outcomes = new Map<BulkOperation, Outcome>()
  const made = new Map<string, string>()
  const waiting = new Set(operations)
  let errors = 0
  while (waiting.size > 0 && errors < most_errors) {
    const pending = new Set(Array.from(waiting, ({ bulk_id }) => bulk_id))
    const [first] = waiting
    const ready = [...waiting].find(({ refers_to, bulk_id }) =>
      [...refers_to].every((name) => name === bulk_id || !pending.has(name)),
    )
    const operation = ready ?? first
    if (!operation) break
    waiting.delete(operation)
    const outcome = ready ? await outcomeOf(ctx, operation, made) : failure(ctx, circular)
    if (outcome.status >= 400) errors++
    outcomes.set(operation, outcome)
  }
  return scimReply({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
    Operations: operations.flatMap((operation) => {
      const outcome = outcomes.get(operation)
      if (!outcome) return []
      const { status, ...rest } = outcome
      const { method, bulk_id } = operation
      return [{ method, ...(bulk_id !== null && { bulkId: bulk_id }), ...rest, status: String(status) }]
    }),
  })
}

const circular = new AuthError(409, '', 'Operations that refer to one another in a circle cannot be made')

async function outcomeOf(ctx: ScimCtx, operation: BulkOperation, made: Map<string, string>): Promise<Outcome> {
  try {
    return await perform(ctx, operation, made)
  } catch (error) {
    return failure(ctx, error)
  }
}

async function perform(ctx: ScimCtx, operation: BulkOperation, made: Map<string, string>): Promise<Outcome> {
  const { method, kind: name, bulk_id } = operation
  const kind = kindOf(name)
  const data = resolved(operation.data, made) as Record<string, unknown>
  if (method === 'POST') {
    const { id, version } = await kind.create(ctx, data)
    if (bulk_id !== null) made.set(bulk_id, id)
    return { status: 201, location: locationOf(ctx, `${name}/${id}`), version: entityTag(version) }
  }
  const id = idOfPath(String(resolved(operation.id, made)))
  const location = locationOf(ctx, `${name}/${id}`)
  const check = ifMatch(operation.version ?? undefined)
  if (method === 'DELETE') {
    await kind.remove(ctx, id, check)
    return { status: 204, location }
  }
  const written =
    method === 'PUT' ? await kind.replace(ctx, id, data, check) : await kind.patch(ctx, id, readOperations(data), check)
  return { status: 200, location, version: entityTag(written.version) }
}

/** A value with ids in the place of names of resources that were made. */
function resolved(value: unknown, made: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    const [, name] = /^bulkId:(.+)$/s.exec(value) ?? []
    if (name === undefined) return value
    const id = made.get(name)
    if (id !== undefined) return id
    throw scimRefusal('invalidValue', `bulkId ${name.slice(0, 80)} was not made`)
  }
  if (Array.isArray(value)) return value.map((element) => resolved(element, made))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolved(part, made)]))
}

function failure(ctx: ScimCtx, error: unknown): Outcome {
  const known = error instanceof AuthError ? error : constraintRefusal(error)
  // The others are made all the same, so that this one's fault is told here and in the log.
  if (!known) ctx.log.error({ err: error, request_id: ctx.request_id }, 'an operation of a bulk request failed')
  const { status, message, details } = known ?? new AuthError(500, '', 'Unexpected failure')
  return { status, response: JSON.parse(scimError(status, message, details.scim_type).text ?? '{}') }
}
