// Answers in the document: what operations.ts tells, and the errors that follow from a row's guard, limit and body.
import type { Route } from '../route.ts'
import { type Answer, away, type Operation } from './operation.ts'
import { named, type Schema } from './schema-words.ts'

const json = (schema: Schema) => ({ 'application/json': { schema } })
const errorForms = [named('Error'), named('NamedError')]

const withForms = (description: string, ...forms: readonly Schema[]) => ({
  description,
  content: json({ anyOf: [...errorForms, ...forms] }),
})

const scimContent = { 'application/scim+json': { schema: named('ScimError') }, ...json({ anyOf: errorForms }) }
const retryAfter = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } }

/** Errors that endpoints share. */
export const errorResponses = {
  Refused: withForms('What was asked is wrong, or not allowed; `error_code` says why.'),
  RefusedOAuth: withForms('What was asked is wrong, or not allowed.', named('OAuthError')),
  RefusedScim: {
    description: 'What was asked is wrong, or not allowed.',
    content: scimContent,
  },
  Limited: {
    ...withForms('Too much was asked; Retry-After says, where it is known, for how many seconds to wait.'),
    headers: retryAfter,
  },
  Failed: {
    ...withForms('The server could not do it; after 503 a retry may succeed, in Retry-After seconds.'),
    headers: retryAfter,
  },
  FailedScim: {
    description: 'The server could not do it.',
    content: scimContent,
  },
} as const

const descriptions: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  204: 'Done; there is no more to say.',
  302: 'The browser goes elsewhere.',
  303: 'The browser goes elsewhere; errors are in the address too.',
  304: 'It has not changed.',
  503: 'Not at present.',
}

const location = { Location: { description: 'Where.', schema: { type: 'string' } } }

const contentOf = (answer: Answer): object | undefined => {
  if (typeof answer === 'string') return json(named(answer))
  if (answer.kind !== 'media') return undefined
  return { [answer.media]: { schema: answer.schema === undefined ? { type: 'string' } : named(answer.schema) } }
}

function describeAnswer(status: number, given: Answer | readonly Answer[]): object {
  const answers: Answer[] = [given].flat()
  const content = Object.assign({}, ...answers.map(contentOf))
  return {
    description: descriptions[status] ?? '',
    ...(answers.includes(away) && { headers: location }),
    ...(Object.keys(content).length > 0 && { content }),
  }
}

const refer = (name: keyof typeof errorResponses) => ({ $ref: `#/components/responses/${name}` })

/** Every answer of an operation by its status. */
export function responsesOf([row]: readonly [Route, ...Route[]], { answers, errors }: Operation): object {
  const known = Object.entries(answers).map(([status, answer]) => [status, describeAnswer(Number(status), answer)])
  const isScim = row.errors === 'scim'
  // A token that is bound to a key is refused in the words of OAuth (RFC 9449 §7.1).
  const hasOAuth = errors?.includes('OAuthError') || (row.guard !== 'public' && !isScim)
  return {
    ...Object.fromEntries(known),
    ...(row.limit && { 429: refer('Limited') }),
    '4XX': refer(isScim ? 'RefusedScim' : hasOAuth ? 'RefusedOAuth' : 'Refused'),
    '5XX': refer(isScim ? 'FailedScim' : 'Failed'),
  }
}
