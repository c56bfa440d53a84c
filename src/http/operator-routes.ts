// Endpoints of the shell: postern admin answers them within its own process, and no server ever does.
import { impersonateUser, impersonateUserBody } from '../flows/admin/impersonate-user.ts'
import { makeApiKey, makeApiKeyBody } from '../flows/admin/make-api-key.ts'
import { removeUserIdentity } from '../flows/admin/remove-user-identity.ts'
import { createConsoleLink } from '../flows/console/create-console-link.ts'
import { type Route, route } from './route.ts'

/** Rows beside the route table. */
export const operatorRoutes: readonly Route[] = [
  route('POST', '/admin/users/:user_id/token', { guard: 'account', body: impersonateUserBody, flow: impersonateUser }),
  route('DELETE', '/admin/users/:user_id/identities/:identity_id', { guard: 'account', flow: removeUserIdentity }),
  route('POST', '/admin/api_keys', { guard: 'admin', body: makeApiKeyBody, flow: makeApiKey }),
  route('POST', '/admin/console_links', { guard: 'admin', flow: createConsoleLink }),
]
