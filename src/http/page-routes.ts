// Endpoints of the pages: they ask them within the server's own process, and nobody from outside reaches them.
import { otpBody, sendOneTimePasswordQuietly } from '../flows/one-time-password.ts'
import { closePageSession } from '../flows/pages/close-page-session.ts'
import { continueBody, continueToApplication, declineAttempt } from '../flows/pages/continue-to-application.ts'
import { listOfferedProviders } from '../flows/pages/list-offered-providers.ts'
import { openPageSession } from '../flows/pages/open-page-session.ts'
import { attemptBody } from '../flows/pages/pages-attempt.ts'
import { readApplication } from '../flows/pages/read-application.ts'
import { readAttempt } from '../flows/pages/read-attempt.ts'
import { linkQuestionBody, readLinkQuestion } from '../flows/pages/read-link-question.ts'
import { readPageSession } from '../flows/pages/read-page-session.ts'
import { handleBody } from '../flows/steps/sessions/page-session.ts'
import { consoleRoutes } from './console-routes.ts'
import { type Route, route } from './route.ts'

/** Rows beside the route table. */
export const pageRoutes: readonly Route[] = [
  route('POST', '/pages/session', { guard: 'user', before_mfa: true, flow: openPageSession }),
  route('POST', '/pages/session/read', { guard: 'public', body: handleBody, flow: readPageSession }),
  route('DELETE', '/pages/session', { guard: 'public', body: handleBody, flow: closePageSession }),
  route('POST', '/pages/session/continue', { guard: 'public', body: continueBody, flow: continueToApplication }),
  route('POST', '/pages/link/read', { guard: 'public', body: linkQuestionBody, flow: readLinkQuestion }),
  route('POST', '/pages/otp', {
    guard: 'public',
    captcha: true,
    limit: 'otp',
    body: otpBody,
    flow: sendOneTimePasswordQuietly,
  }),
  route('GET', '/pages/providers', { guard: 'public', flow: listOfferedProviders }),
  route('POST', '/pages/attempt/read', { guard: 'public', body: attemptBody, flow: readAttempt }),
  route('POST', '/pages/attempt/decline', { guard: 'public', body: attemptBody, flow: declineAttempt }),
  route('GET', '/pages/applications/:client_id', { guard: 'public', flow: readApplication }),
  ...consoleRoutes,
]
