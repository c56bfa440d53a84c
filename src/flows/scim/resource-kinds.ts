// The kinds of resources that there are, by the segment of their paths.
import { z } from 'zod'
import type { ScimCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { groups } from './groups.ts'
import { type CheckVersion, entityTag, type ResourceKind } from './resource-kind.ts'
import { users } from './users.ts'

export const scimBody = z.record(z.string(), z.unknown())

/** A body of SCIM: an object, whose names each flow reads in any case. */
export type ScimBody = z.infer<typeof scimBody>

/** Their table. */
export const resourceKinds: Readonly<Record<string, ResourceKind>> = { Users: users, Groups: groups }

/** The kind that a path names. @throws AuthError 404 */
export function kindOf(name: string): ResourceKind {
  const kind = Object.hasOwn(resourceKinds, name) ? resourceKinds[name] : undefined
  if (!kind) throw new AuthError(404, '', 'Endpoint or resource does not exist')
  return kind
}

/**
 * Keeps changes from what somebody else has changed meanwhile (RFC 7232 §3.1; versions are weak, and compared as such).
 * @throws AuthError 412
 */
export const ifMatch =
  (condition: string | undefined): CheckVersion =>
  (version) => {
    if (condition === undefined || fits(condition, version)) return
    throw new AuthError(412, '', 'The resource has another version')
  }

/** Whether a request has this version already (RFC 7232 §3.2). */
export const isKnown = ({ header }: Pick<ScimCtx, 'header'>, version: number): boolean => {
  const condition = header('if-none-match')
  return condition !== undefined && fits(condition, version)
}

const bare = (tag: string): string => tag.trim().replace(/^W\//i, '')

const fits = (condition: string, version: number): boolean =>
  condition.trim() === '*' || condition.split(',').some((tag) => bare(tag) === bare(entityTag(version)))
