// Rows of the page table for the console.
import { type Page, page } from '../page.ts'
import { newApplicationSecret } from './application-secret.ts'
import { auditExport, auditPage } from './audit-page.ts'
import { hooksPage, keysPage, settingsPage } from './configuration-pages.ts'
import { enterConsole, enterPage, leaveConsole } from './enter-page.ts'
import { exportAccountsPage, importPage, importsPage, mostBytes, takeImport } from './import-pages.ts'
import { mailPage, mailPreview, mailsPage, mailTest } from './mails-pages.ts'
import { doctorPage, overviewPage } from './overview-page.ts'
import { peoplePage, personPath } from './people-page.ts'
import { selectedPeople } from './people-selected.ts'
import { personActionPages } from './person-actions.ts'
import { personFormPages } from './person-forms.ts'
import { personPage } from './person-page.ts'
import { personPartPages } from './person-parts.ts'
import { providersPage, testProviderPage } from './providers-page.ts'
import { resourcePages } from './resource-pages.ts'
import { applications, customProviders, organizations } from './resources.ts'
import { scimTokenPages } from './scim-token-pages.ts'

/** Pages below /console. */
export const consolePages: readonly Page[] = [
  page('GET', '/console/enter', 'anyone', enterPage),
  page('POST', '/console/enter', 'anyone', enterConsole),
  page('POST', '/console/sign-out', 'anyone', leaveConsole),

  page('GET', '/console', 'operator', overviewPage),
  page('GET', '/console/doctor', 'operator', doctorPage),

  page('GET', '/console/people', 'operator', peoplePage),
  page('POST', '/console/people/selected', 'operator', selectedPeople),
  ...personFormPages,
  ...personActionPages,
  ...personPartPages,
  page('GET', personPath(':id'), 'operator', personPage),

  page('GET', '/console/audit', 'operator', auditPage),
  page('GET', '/console/audit/export.csv', 'operator', auditExport('csv')),
  page('GET', '/console/audit/export.ndjson', 'operator', auditExport('ndjson')),

  page('GET', '/console/imports', 'operator', importsPage),
  page('POST', '/console/imports', 'operator', takeImport, { max_bytes: mostBytes }),
  page('GET', '/console/imports/:id', 'operator', importPage),
  page('POST', '/console/export', 'operator', exportAccountsPage),

  page('GET', '/console/providers', 'operator', providersPage),
  page('POST', '/console/providers/test/:name', 'operator', testProviderPage),
  ...resourcePages(customProviders, { list: false }),
  page('GET', '/console/providers/custom', 'operator', providersPage),
  ...resourcePages(organizations),
  ...scimTokenPages,
  ...resourcePages(applications),
  page('POST', '/console/applications/:id/secret', 'operator', newApplicationSecret),

  page('GET', '/console/mails', 'operator', mailsPage),
  page('GET', '/console/mails/:kind', 'operator', mailPage),
  page('GET', '/console/mails/:kind/preview', 'operator', mailPreview),
  page('POST', '/console/mails/:kind/preview', 'operator', mailPreview),
  page('POST', '/console/mails/:kind/test', 'operator', mailTest),

  page('GET', '/console/hooks', 'operator', hooksPage),
  page('GET', '/console/keys', 'operator', keysPage),
  page('GET', '/console/settings', 'operator', settingsPage),
]
