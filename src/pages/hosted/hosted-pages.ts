// Rows of the page table for hosted sign-in.
import { formRows, goTo, type Page, page } from '../page.ts'
import { confirmLink, sendAnotherLink, showConfirmLink } from './confirm-link.ts'
import { giveConsent, showConsent } from './consent.ts'
import { continueForm, continuePage } from './continue-page.ts'
import { decideOnDevice, findDevice, showDevice, showDeviceRequest } from './device.ts'
import { sendAgain, showCodePage, takeCode } from './enter-code.ts'
import { arrive } from './finish-sign-in.ts'
import { forgetPassword, setNewPassword, showForgotPassword, showNewPassword } from './forgot-password.ts'
import { agreeToLink, askToLink } from './link-account.ts'
import { findOrganization, showOrganization } from './organization.ts'
import { passkeyOptions, signInAsGuest, signInWithPasskey, signInWithWallet } from './quick-ways.ts'
import { factorOptions, sendFactorCode, showSecondFactor, takeSecondFactor } from './second-factor.ts'
import { showSignIn, signIn } from './sign-in.ts'
import { askToSignOut, signOut } from './sign-out.ts'
import { showSignUp, signUp } from './sign-up.ts'
import { comeBack, leaveForProvider } from './with-provider.ts'

const beforeMfa = { before_mfa: true }

/** Pages below /pages on which people sign in and up. */
export const hostedPages: readonly Page[] = [
  page('GET', '/pages', 'anyone', () => goTo('/pages/account')),
  ...formRows('anyone', '/pages/sign-in', showSignIn, signIn),
  ...formRows('anyone', '/pages/sign-up', showSignUp, signUp),
  page('POST', '/pages/guest', 'anyone', signInAsGuest),
  page('GET', '/pages/with/:provider', 'anyone', leaveForProvider),
  page('GET', '/pages/callback', 'anyone', comeBack),
  ...formRows('anyone', '/pages/link', askToLink, agreeToLink),
  ...formRows('anyone', '/pages/organization', showOrganization, findOrganization),
  page('POST', '/pages/passkey/options', 'anyone', passkeyOptions),
  page('POST', '/pages/passkey', 'anyone', signInWithPasskey),
  page('POST', '/pages/wallet', 'anyone', signInWithWallet),

  ...formRows('anyone', '/pages/enter-code', showCodePage, takeCode),
  page('POST', '/pages/send-again', 'anyone', sendAgain),
  ...formRows('anyone', '/pages/confirm', showConfirmLink, confirmLink),
  page('POST', '/pages/send-link', 'anyone', sendAnotherLink),

  ...formRows('anyone', '/pages/forgot-password', showForgotPassword, forgetPassword),
  ...formRows('person', '/pages/new-password', showNewPassword, setNewPassword),

  ...formRows('person', '/pages/second-factor', showSecondFactor, takeSecondFactor, beforeMfa),
  page('POST', '/pages/second-factor/challenge', 'person', sendFactorCode, beforeMfa),
  page('POST', '/pages/second-factor/options', 'person', factorOptions, beforeMfa),

  page('GET', '/pages/signed-in', 'anyone', arrive),
  ...formRows('anyone', '/pages/continue', continuePage, continueForm),
  ...formRows('person', '/pages/consent', showConsent, giveConsent),
  ...formRows('person', '/pages/device', showDevice, findDevice),
  ...formRows('person', '/pages/device/confirm', showDeviceRequest, decideOnDevice),
  ...formRows('anyone', '/pages/sign-out', askToSignOut, signOut),
]
