// Ends a session that an answer of the API opened and that nobody needs: this browser keeps the one it has.
import type { ApiAnswer, PersonCtx } from '../page.ts'

/** Signs the session of an answer out; nothing happens where it opened none. */
export async function endSessionOf(ctx: PersonCtx, answer: ApiAnswer): Promise<void> {
  const { access_token } = Object(answer.body)
  if (typeof access_token === 'string') await ctx.api('POST', '/logout?scope=local', { as: access_token })
}
