// What a flow answers with; http/ turns it into a Response.

/** An answer: a JSON body, a redirect, or nothing but a status. */
export interface Reply {
  status: number
  /** Sent as JSON when present. */
  body?: unknown
  /** Sent as it is, with `content_type`, when present. */
  text?: string
  content_type?: string
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
