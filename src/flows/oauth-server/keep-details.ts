// What a request for authorization asks beyond the columns of its table, where that is read.
import type { Ctx } from '../../context.ts'
import { insertAuthorizationDetails } from '../../storage/authorization-details.ts'
import type { Queryable } from '../../storage/db.ts'
import { type AuthorizationParameters, wordsOf } from './authorization-parameters.ts'
import { isOn } from './oauth-client.ts'

/** What is asked of the sign-in (OpenID Connect Core §3.1.2.1). */
export const promptOf = (ctx: Ctx, { prompt, max_age }: AuthorizationParameters) =>
  isOn(ctx, 'prompt')
    ? { prompt: wordsOf(prompt).join(' ') || null, max_age_s: max_age === '' ? null : Number(max_age) }
    : { prompt: null, max_age_s: null }

/**
 * Keeps the details of a request.
 * @param jkt the key that its code is bound to; null for none
 * @param age_s seconds since it was made
 */
export async function keepDetails(
  ctx: Ctx,
  db: Queryable,
  id: string,
  { asked, jkt, age_s = 0 }: { asked: AuthorizationParameters; jkt: string | null; age_s?: number },
): Promise<void> {
  const details = { jkt, ...promptOf(ctx, asked) }
  if (Object.values(details).every((detail) => detail === null)) return
  await insertAuthorizationDetails(db, id, { ...details, age_s })
}
