// Ids of requests to end a session, which are told from those that begin one.
import type { Ctx } from '../../context.ts'

const prefix = 'logout-'

/** A new one. */
export const newLogoutId = ({ random }: Ctx): string => `${prefix}${random(20).toString('hex')}`

/** Whether a request was to end a session. */
export const isLogoutId = (request_id: string): boolean => request_id.startsWith(prefix)
