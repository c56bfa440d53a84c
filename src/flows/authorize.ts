// GET /authorize: sends a person to the provider that they sign in with.
import type { Ctx } from '../context.ts'
import { type Reply, redirect } from '../reply.ts'
import { startExternalSignIn } from './steps/external/start-external-sign-in.ts'

/** Answers with a redirect to the provider. */
export async function authorize(ctx: Ctx): Promise<Reply> {
  return redirect(await startExternalSignIn(ctx, null), 302)
}
