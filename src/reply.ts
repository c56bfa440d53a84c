// What a flow answers with; http/ turns it into a Response.
import { randomUUID } from 'node:crypto'
import type { ScimType } from './errors.ts'

/** An answer: a JSON body, a redirect, or nothing but a status. */
export interface Reply {
  status: number
  /** Sent as JSON when present. */
  body?: unknown
  /** A JSON body that is text already. */
  json_text?: string
  /** Sent as it is, with `content_type`, when present. */
  text?: string
  content_type?: string
  /** Sent as it comes, with `content_type`, when present. */
  stream?: ReadableStream<Uint8Array>
  /** Target of a redirect. */
  location?: string
  headers?: Record<string, string>
}

/** 200 with a JSON body. */
export const json = (body: unknown, headers?: Record<string, string>): Reply => ({
  status: 200,
  body,
  ...(headers && { headers }),
})

/** 204 without a body. */
export const noContent = (): Reply => ({ status: 204 })

/** A redirect; 303 See Other unless told otherwise. */
export const redirect = (location: string, status: 302 | 303 = 303): Reply => ({ status, location })

const verbatim = Symbol('JSON text')

/** JSON that the database wrote, which stands in an answer of SCIM as it is: long lists are looked at by nobody here. */
export const jsonText = (text: string): object => ({ [verbatim]: text })

/** JSON with such texts in their places, which are marked by what no request can know. */
function textOf(body: object): string {
  const texts: string[] = []
  const mark = randomUUID()
  const text = JSON.stringify(body, (_, value: unknown) => {
    const own: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, verbatim) : undefined
    return typeof own === 'string' ? `${mark}${texts.push(own) - 1}` : value
  })
  return texts.length === 0 ? text : text.replace(new RegExp(`"${mark}(\\d+)"`, 'g'), (_, at) => texts[at] ?? '[]')
}

/** An answer in SCIM's own media type (RFC 7644 §8.1). */
export const scimReply = (body: object, status = 200, headers: Record<string, string> = {}): Reply => ({
  status,
  text: textOf(body),
  content_type: 'application/scim+json',
  headers,
})

/** An error in SCIM's form (RFC 7644 §3.12). */
export const scimError = (status: number, detail: string, scimType?: ScimType): Reply =>
  scimReply(
    {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      ...(scimType && { scimType }),
      detail,
      status: String(status),
    },
    status,
  )
