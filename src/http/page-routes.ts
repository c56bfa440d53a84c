// Endpoints of the pages: they ask them within the server's own process, and nobody from outside reaches them.
import type { z } from 'zod'
import type { Ctx } from '../context.ts'
import { otpBody, sendOneTimePassword } from '../flows/one-time-password.ts'
import { closePageSession } from '../flows/pages/close-page-session.ts'
import { continueBody, continueToApplication, declineAttempt } from '../flows/pages/continue-to-application.ts'
import { listOfferedProviders } from '../flows/pages/list-offered-providers.ts'
import { openPageSession } from '../flows/pages/open-page-session.ts'
import { attemptBody, readAttempt } from '../flows/pages/read-attempt.ts'
import { linkQuestionBody, readLinkQuestion } from '../flows/pages/read-link-question.ts'
import { handleBody, readPageSession } from '../flows/pages/read-page-session.ts'
import type { Reply } from '../reply.ts'
import { consoleRoutes } from './console-routes.ts'
import { type Route, route } from './route.ts'

/** As POST /otp, but that nobody learns who has an account: the page says the same to everybody. */
const sendQuietly = (ctx: Ctx, body: z.infer<typeof otpBody>): Promise<Reply> =>
  sendOneTimePassword({ ...ctx, config: { ...ctx.config, hide_unknown_accounts: true } }, body)

/** Rows beside the route table. */
export const pageRoutes: readonly Route[] = [
  route('POST', '/pages/session', { guard: 'user', before_mfa: true, flow: openPageSession }),
  route('POST', '/pages/session/read', { guard: 'public', body: handleBody, flow: readPageSession }),
  route('DELETE', '/pages/session', { guard: 'public', body: handleBody, flow: closePageSession }),
  route('POST', '/pages/session/continue', { guard: 'public', body: continueBody, flow: continueToApplication }),
  route('POST', '/pages/link/read', { guard: 'public', body: linkQuestionBody, flow: readLinkQuestion }),
  route('POST', '/pages/otp', { guard: 'public', captcha: true, limit: 'otp', body: otpBody, flow: sendQuietly }),
  route('GET', '/pages/providers', { guard: 'public', flow: listOfferedProviders }),
  route('POST', '/pages/attempt/read', { guard: 'public', body: attemptBody, flow: readAttempt }),
  route('POST', '/pages/attempt/decline', { guard: 'public', body: attemptBody, flow: declineAttempt }),
  ...consoleRoutes,
]
