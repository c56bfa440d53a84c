// Endpoints of the console, which the server asks within its own process, and nobody from outside reaches.

import { exportAuditLog } from '../flows/admin/export-audit-log.ts'
import { generateLinkBody, linkToAccount } from '../flows/admin/generate-link.ts'
import { removeUserIdentity } from '../flows/admin/remove-user-identity.ts'
import {
  closeConsoleSession,
  consoleHandleBody,
  linkBody,
  openConsoleSession,
} from '../flows/console/console-sessions.ts'
import { listHookCalls } from '../flows/console/list-hook-calls.ts'
import { listKeys } from '../flows/console/list-keys.ts'
import { listProviders } from '../flows/console/list-providers.ts'
import { listSettings } from '../flows/console/list-settings.ts'
import { listMails, previewBody, previewOfMail, sendTestMail, testMailBody } from '../flows/console/mails.ts'
import { accountNumbers, overview } from '../flows/console/overview.ts'
import { operatorBody, readOperator } from '../flows/console/read-operator.ts'
import { sendRecovery } from '../flows/console/send-recovery.ts'
import { serverHealth } from '../flows/console/server-health.ts'
import { testProvider } from '../flows/console/test-provider.ts'
import { examineServer } from '../flows/doctor/examine-server.ts'
import { downloadAccounts, downloadBody } from '../flows/import/download-accounts.ts'
import {
  addImportPart,
  beginImport,
  getImport,
  importPartBody,
  listImports,
  startImport,
  startImportBody,
} from '../flows/import/manage-imports.ts'
import { type Route, route } from './route.ts'

/** Rows beside the route table. */
export const consoleRoutes: readonly Route[] = [
  // Who works there
  route('POST', '/console/operator', { guard: 'public', body: operatorBody, flow: readOperator }),
  route('POST', '/console/sessions', { guard: 'public', limit: 'verify', body: linkBody, flow: openConsoleSession }),
  route('DELETE', '/console/sessions', { guard: 'public', body: consoleHandleBody, flow: closeConsoleSession }),

  // How the server fares
  route('GET', '/console/overview', { guard: 'admin', flow: overview }),
  route('GET', '/console/numbers', { guard: 'admin', flow: accountNumbers }),
  route('GET', '/console/health', { guard: 'admin', flow: serverHealth }),
  route('GET', '/console/doctor', { guard: 'admin', flow: examineServer }),

  // How it is configured
  route('GET', '/console/settings', { guard: 'admin', flow: listSettings }),
  route('GET', '/console/hooks', { guard: 'admin', flow: listHookCalls }),
  route('GET', '/console/keys', { guard: 'admin', flow: listKeys }),
  route('GET', '/console/providers', { guard: 'admin', flow: listProviders }),
  route('POST', '/console/providers/:name/test', { guard: 'admin', flow: testProvider }),
  route('GET', '/console/mails', { guard: 'admin', flow: listMails }),
  route('POST', '/console/mails/:kind/preview', { guard: 'admin', body: previewBody, flow: previewOfMail }),
  route('POST', '/console/mails/:kind/test', { guard: 'admin', body: testMailBody, flow: sendTestMail }),

  // Accounts, in and out
  route('POST', '/console/users/:user_id/recovery', { guard: 'account', flow: sendRecovery }),
  route('POST', '/console/users/:user_id/link', { guard: 'account', body: generateLinkBody, flow: linkToAccount }),
  route('DELETE', '/admin/users/:user_id/identities/:identity_id', { guard: 'account', flow: removeUserIdentity }),
  route('GET', '/console/imports', { guard: 'admin', flow: listImports }),
  route('POST', '/console/imports', { guard: 'admin', flow: beginImport }),
  route('GET', '/console/imports/:import_id', { guard: 'admin', flow: getImport }),
  route('POST', '/console/imports/:import_id/parts', { guard: 'admin', body: importPartBody, flow: addImportPart }),
  route('POST', '/console/imports/:import_id/start', { guard: 'admin', body: startImportBody, flow: startImport }),
  route('GET', '/console/audit/export', { guard: 'admin', flow: exportAuditLog }),
  route('POST', '/console/export', { guard: 'admin', body: downloadBody, flow: downloadAccounts }),
]
