// Rows of the page table for the account page.
import { formRows, type Page, page } from '../page.ts'
import { addFactorForm, addFactorPage, showFactorForm, showFactorPage } from './add-factor.ts'
import { applicationRemoveForm, applicationRemovePage, applicationsPage } from './applications-page.ts'
import { detailsPage, editForm, editPage } from './details-page.ts'
import {
  devicesPage,
  everywhereForm,
  everywherePage,
  forgetDevice,
  othersForm,
  othersPage,
  signOutDevice,
} from './devices-page.ts'
import { emailAgain, emailForm, emailPage } from './email-page.ts'
import { factorRemoveForm, factorRemovePage, factorsPage } from './factors-page.ts'
import { beginLinking, finishLinking, unlinkForm, unlinkPage } from './identity-pages.ts'
import {
  addPasskey,
  makePasskey,
  passkeyNameForm,
  passkeyNamePage,
  passkeyRemoveForm,
  passkeyRemovePage,
} from './passkey-pages.ts'
import { passwordForm, passwordPage } from './password-page.ts'
import { phoneCodeForm, phoneCodePage, phoneForm, phonePage } from './phone-page.ts'
import {
  codesAgainForm,
  codesAgainPage,
  codesRemoveForm,
  codesRemovePage,
  downloadCodes,
  makeCodes,
} from './recovery-pages.ts'
import { signInPage } from './sign-in-page.ts'

const base = '/pages/account'
const beforeMfa = { before_mfa: true }

/** Pages below /pages/account. */
export const accountPages: readonly Page[] = [
  page('GET', base, 'person', detailsPage),
  ...formRows('person', `${base}/edit`, editPage, editForm),
  ...formRows('person', `${base}/email`, emailPage, emailForm),
  page('POST', `${base}/email/again`, 'person', emailAgain),
  ...formRows('person', `${base}/phone`, phonePage, phoneForm),
  ...formRows('person', `${base}/phone/code`, phoneCodePage, phoneCodeForm),

  page('GET', `${base}/sign-in`, 'person', signInPage),
  ...formRows('person', `${base}/password`, passwordPage, passwordForm),
  page('POST', `${base}/passkeys/add`, 'person', addPasskey),
  page('POST', `${base}/passkeys/make`, 'person', makePasskey),
  ...formRows('person', `${base}/passkeys/:id/name`, passkeyNamePage, passkeyNameForm),
  ...formRows('person', `${base}/passkeys/:id/remove`, passkeyRemovePage, passkeyRemoveForm),
  page('GET', `${base}/identities/linked`, 'person', finishLinking),
  page('POST', `${base}/identities/:provider/link`, 'person', beginLinking),
  ...formRows('person', `${base}/identities/:id/unlink`, unlinkPage, unlinkForm),

  page('GET', `${base}/factors`, 'person', factorsPage, beforeMfa),
  ...formRows('person', `${base}/factors/add/:type`, addFactorPage, addFactorForm, beforeMfa),
  ...formRows('person', `${base}/factors/show`, showFactorPage, showFactorForm, beforeMfa),
  page('POST', `${base}/factors/recovery-codes`, 'person', makeCodes),
  page('POST', `${base}/factors/recovery-codes/download`, 'person', downloadCodes),
  ...formRows('person', `${base}/factors/recovery-codes/again`, codesAgainPage, codesAgainForm),
  ...formRows('person', `${base}/factors/recovery-codes/remove`, codesRemovePage, codesRemoveForm),
  ...formRows('person', `${base}/factors/:id/remove`, factorRemovePage, factorRemoveForm),

  page('GET', `${base}/devices`, 'person', devicesPage),
  ...formRows('person', `${base}/devices/others`, othersPage, othersForm),
  ...formRows('person', `${base}/devices/all`, everywherePage, everywhereForm),
  page('POST', `${base}/devices/:id/sign-out`, 'person', signOutDevice),
  page('POST', `${base}/devices/:id/forget`, 'person', forgetDevice),

  page('GET', `${base}/applications`, 'person', applicationsPage),
  ...formRows('person', `${base}/applications/:id/remove`, applicationRemovePage, applicationRemoveForm),
]
