// What an application is told whose request for tokens cannot be read: who asks is looked at before what is asked.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import { AuthError, OAuthError } from '../../errors.ts'
import type { ReadFields } from '../steps/requests/fields.ts'
import { authenticateClient } from './authenticate-client.ts'
import { clientCredentials } from './token-request.ts'

const credentials = z.object(clientCredentials)

/** The error of the credentials where they are wrong; else 400 invalid_request. A header names the client whatever the body holds. */
export async function unreadableGrant(ctx: Ctx, readFields: ReadFields | null): Promise<Error> {
  const inHeader = /^basic /i.test(ctx.header('authorization') ?? '')
  const unreadable = new AuthError(400, 'invalid_credentials', 'Invalid client credentials: failed to parse JSON body')
  if (!readFields && !inHeader) return unreadable
  try {
    await authenticateClient(ctx, inHeader || !readFields ? credentials.parse({}) : readFields(credentials))
  } catch (error) {
    if (error instanceof AuthError && error.code === 'bad_json') return unreadable
    throw error
  }
  return new OAuthError('invalid_request', 'Invalid JSON body')
}
