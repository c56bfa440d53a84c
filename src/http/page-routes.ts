// Endpoints of the pages: they ask them within the server's own process, and nobody from outside reaches them.
import { closePageSession } from '../flows/pages/close-page-session.ts'
import { openPageSession } from '../flows/pages/open-page-session.ts'
import { handleBody, readPageSession } from '../flows/pages/read-page-session.ts'
import { type Route, route } from './route.ts'

/** Rows beside the route table. */
export const pageRoutes: readonly Route[] = [
  route('POST', '/pages/session', { guard: 'user', before_mfa: true, flow: openPageSession }),
  route('POST', '/pages/session/read', { guard: 'public', body: handleBody, flow: readPageSession }),
  route('DELETE', '/pages/session', { guard: 'public', body: handleBody, flow: closePageSession }),
]
