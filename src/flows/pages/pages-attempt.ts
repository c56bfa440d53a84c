// The attempt of an application that a page is asked to continue.
import { z } from 'zod'
import type { Ctx } from '../../context.ts'
import type { ExternalAttempt } from '../../storage/flow-state.ts'
import { badState, loadAttempt } from '../steps/external/load-attempt.ts'
import { isPagesProvider } from '../steps/external/pages-provider.ts'
import { text } from '../steps/requests/fields.ts'

/** What names an attempt. */
export const attemptBody = z.object({ attempt: text })

/** An attempt and the address that the application waits at. */
export interface PagesAttempt extends ExternalAttempt {
  address: string
}

/**
 * The attempt of an id, which is one with the pages.
 * @throws AuthError 400 bad_oauth_callback, bad_oauth_state or flow_state_already_used
 */
export async function loadPagesAttempt(ctx: Ctx, id: string): Promise<PagesAttempt> {
  const attempt = await loadAttempt(ctx, id)
  if (!isPagesProvider(ctx.config, attempt.provider_type)) throw badState('OAuth state not found or expired')
  return { ...attempt, address: attempt.referrer || ctx.config.site_url }
}
