// The shape of what the document tells of an endpoint, beside what its row of the route table knows already.
import type { ParameterName } from './parameters.ts'

/** An answer without a body. */
export const empty = { kind: 'empty' } as const
/** An answer that sends the browser elsewhere. */
export const away = { kind: 'away' } as const

/** What one status is answered with: a schema by its name as JSON, or something else. */
export type Answer = string | typeof empty | typeof away | { kind: 'media'; media: string; schema?: string }

/** An answer in SCIM's media type. */
export const scim = (schema: string): Answer => ({ kind: 'media', media: 'application/scim+json', schema })

/** An answer that is a text of some media type. */
export const media = (type: string): Answer => ({ kind: 'media', media: type })

/** Under what an endpoint is filed. */
export type Tag = keyof typeof tags

/** What the chapters are about. */
export const tags = {
  Server: 'What the server says of itself, without a database.',
  'Sign-in': 'Accounts and sessions: signing up, signing in, links, codes, refreshes.',
  Account: 'What signed-in people do with their own account.',
  'Second factors': 'Factors, their challenges, and codes for the day that one is lost.',
  Passkeys: 'Signing in without a password.',
  'Single sign-on': 'Sign-in by the identity providers of companies (SAML 2.0).',
  'OAuth server': 'Applications that sign people in through this server (OAuth 2.1, OpenID Connect).',
  Administration: 'What the service role does.',
  SCIM: 'Users and groups that companies manage (RFC 7643, RFC 7644).',
} as const

/** What the document tells of an endpoint. */
export interface Operation {
  /** Name of the function in generated clients. */
  id: string
  tag: Tag
  summary: string
  /** By status; several where the request chooses the media type. */
  answers: Readonly<Record<number, Answer | readonly Answer[]>>
  /** Parameters of the query, by their names in `parameters`. */
  query?: readonly ParameterName[]
  /** Headers, by their names in `parameters`. */
  headers?: readonly ParameterName[]
  /** Fields of the body that must be there. */
  needs?: readonly string[]
  /** Forms that errors have here beside those of the API, by the names of their schemas. */
  errors?: readonly string[]
  /** Operations in the place of a path with a wildcard: their paths by their ids. */
  paths?: Readonly<Record<string, string>>
}
