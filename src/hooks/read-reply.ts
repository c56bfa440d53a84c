// What every hook's reply has in common: it is a JSON object, and may carry an error that fails the request.
import { STATUS_CODES } from 'node:http'
import { AuthError } from '../errors.ts'
import { isJsonObject, type JsonObject } from '../json-values.ts'

/** 500 for a reply of another form than the hook's; `reason` goes to the log. */
export const misshapen = (reason: unknown): AuthError =>
  new AuthError(500, 'unexpected_failure', 'Error unmarshaling JSON output.', { cause: reason })

/**
 * A field by its name; where no field has just that name, one that differs in case only, as in the reference, so that
 * `Error` and `Decision` of a reply are not overlooked.
 */
export function field(reply: JsonObject, name: string): unknown {
  if (Object.hasOwn(reply, name)) return reply[name]
  const key = Object.keys(reply).find((other) => other.toLowerCase() === name)
  return key === undefined ? undefined : reply[key]
}

/**
 * Checks that a reply is an object without an error.
 * @throws AuthError with the status and message of the reply's error; 500 when it is no object
 */
export function readReply(reply: unknown): JsonObject {
  if (!isJsonObject(reply)) throw misshapen('the reply is no object')
  const error = field(reply, 'error')
  if (error === undefined || error === null) return reply
  if (!isJsonObject(error)) throw misshapen('error is no object')
  const message = field(error, 'message') ?? ''
  const http_code = field(error, 'http_code') ?? 0
  if (typeof message !== 'string') throw misshapen('error.message is no text')
  if (typeof http_code !== 'number' || !Number.isInteger(http_code)) throw misshapen('error.http_code is no integer')
  if (message === '' && http_code === 0) return reply
  throw refusal(http_code, message)
}

/** A refusal is never a status that a client takes for success, and never passes for want of a message. */
function refusal(http_code: number, message: string): AuthError {
  const status = http_code >= 400 && http_code <= 599 ? http_code : 500
  return new AuthError(status, '', message || (STATUS_CODES[status] ?? 'Refused by a hook'))
}
