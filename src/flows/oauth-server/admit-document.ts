// An application that is described by a document at its own address (OAuth Client ID Metadata Document): read once somebody has
// signed in who is to be asked, so that strangers make this server call nobody.
import { z } from 'zod'
import type { UserCtx } from '../../context.ts'
import { invalid } from '../../errors.ts'
import { jsonOrNull } from '../../json-values.ts'
import { takeDocumentRequest } from '../../storage/document-requests.ts'
import { putDocumentClient } from '../../storage/oauth-clients.ts'
import { readParameters, requireOwnRedirect, scopeOf, wordsOf } from './authorization-parameters.ts'
import { clientProblem } from './client-fields.ts'
import { idOfDocument } from './client-id.ts'
import { keepAuthorizationRequest, namedKey } from './keep-authorization-request.ts'

/** Bytes of a document at most. */
const most = 5120

const documentForm = z.object({
  client_id: z.string(),
  client_name: z.string().default(''),
  redirect_uris: z.array(z.string()).min(1),
  grant_types: z.array(z.string()).default(['authorization_code']),
  response_types: z.array(z.string()).default(['code']),
  token_endpoint_auth_method: z.literal('none').default('none'),
})

/**
 * Makes a request that waits for its document one like any other; does nothing where none waits. A document that cannot be used
 * uses the request up.
 * @throws AuthError 400 validation_failed that says what is wrong with the document
 */
export async function admitDocument(ctx: UserCtx, authorization_id: string): Promise<void> {
  const request = await takeDocumentRequest(ctx.db, authorization_id)
  if (!request) return
  const { client_document, parameters, left_s } = request
  const asked = readParameters((name) => parameters[name] ?? '')
  const document = await readDocument(ctx, client_document)
  const id = idOfDocument(client_document)
  const redirect_uris = document.redirect_uris.join(',')
  requireOwnRedirect({ redirect_uris }, asked.redirect_uri)
  await ctx.db.transaction(async (tx) => {
    const isThere = await putDocumentClient(tx, {
      id,
      redirect_uris,
      grant_types: document.grant_types.join(','),
      client_name: document.client_name || null,
      // People see who vouches for the name: the host of the document, whatever the document says, and no picture of its choice.
      client_uri: new URL(client_document).origin,
      more: { client_document },
    })
    if (!isThere) throw invalid('client_id: this application was removed')
    const scope = wordsOf(scopeOf(ctx, asked)).join(' ')
    const waiting = { authorization_id, client_id: id, scope, asked, jkt: namedKey(ctx, asked) }
    await keepAuthorizationRequest(ctx, tx, waiting, left_s)
  })
}

async function readDocument(ctx: UserCtx, address: string): Promise<z.infer<typeof documentForm>> {
  const wrong = (why: string, cause?: unknown) => {
    if (cause) ctx.log.warn({ err: cause, host: new URL(address).host }, 'a client document could not be read')
    return invalid(`client_id: the document of ${new URL(address).host} ${why}`)
  }
  const { status, type, text } = await ctx.providers.fetchDocument(address, most).catch((error: unknown) => {
    throw wrong(`cannot be read, or has over ${most} bytes`, error)
  })
  if (status !== 200) throw wrong(`was answered with ${status}`)
  if (!/^application\/([\w.+-]+\+)?json$/.test(type)) throw wrong('is no JSON')
  const read = documentForm.safeParse(jsonOrNull(text))
  if (!read.success) throw wrong(`has a wrong ${read.error.issues[0]?.path.join('.') || 'form'}`)
  const { data } = read
  if (data.client_id !== address) throw wrong('names another client_id')
  const problem = clientProblem(ctx, data, 'dynamic')
  if (problem !== null) throw wrong(`cannot be used: ${problem}`)
  if (!data.grant_types.includes('authorization_code') || !data.response_types.includes('code'))
    throw wrong('asks for no authorization code')
  return data
}
