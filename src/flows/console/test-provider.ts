// POST /console/providers/:name/test: whether a provider answers, and knows our client.
import type { AdminCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { TokenRefused } from '../../providers/oauth2-client.ts'
import { json, type Reply } from '../../reply.ts'
import { resolveProvider } from '../steps/external/resolve-provider.ts'

/** What of a provider was found. */
type Verdict = 'fine' | 'not_usable' | 'unreachable' | 'client_refused' | 'unclear'

/** Answers of token endpoints to a code that nobody was given, once they know the client (RFC 6749 §5.2; GitHub has its own). */
const codeRefused = ['invalid_grant', 'bad_verification_code', 'invalid_request', 'invalid_code']
const clientRefused = ['invalid_client', 'unauthorized_client', 'incorrect_client_credentials']

/** Exchanges a code that cannot be one: a provider that knows the client refuses the code and not the client. */
export async function testProvider(ctx: AdminCtx): Promise<Reply> {
  const answer = (verdict: Verdict, detail = '', location = '') =>
    json({ verdict, detail: detail.slice(0, 500), location })
  const signal = AbortSignal.timeout(ctx.providers.budget_ms)
  let location = ''
  try {
    const provider = await resolveProvider(ctx, ctx.path_params.name ?? '')
    const begun = await provider.begin({ state: 'postern-console-test', scopes: '', parameters: {}, signal })
    location = new URL(begun.location).origin
    await provider.exchange({
      parameters: new URLSearchParams({ code: 'postern-console-test', state: 'postern-console-test' }),
      secret: begun.secret,
      signal,
    })
    return answer('unclear', 'the token endpoint accepted a code that it never gave', location)
  } catch (error) {
    if (error instanceof AuthError) return answer('not_usable', error.message, location)
    if (error instanceof TokenRefused && codeRefused.includes(error.reason)) return answer('fine', '', location)
    if (error instanceof TokenRefused && clientRefused.includes(error.reason))
      return answer('client_refused', error.message, location)
    const message = error instanceof Error ? error.message : ''
    return answer(error instanceof TokenRefused ? 'unclear' : 'unreachable', message, location)
  }
}
