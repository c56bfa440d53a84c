// Rows of the page table for hosted sign-in.
import { goTo, type Page, page } from '../page.ts'
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
  page('GET', '/pages/sign-in', 'anyone', showSignIn),
  page('POST', '/pages/sign-in', 'anyone', signIn),
  page('GET', '/pages/sign-up', 'anyone', showSignUp),
  page('POST', '/pages/sign-up', 'anyone', signUp),
  page('POST', '/pages/guest', 'anyone', signInAsGuest),
  page('GET', '/pages/with/:provider', 'anyone', leaveForProvider),
  page('GET', '/pages/callback', 'anyone', comeBack),
  page('GET', '/pages/link', 'anyone', askToLink),
  page('POST', '/pages/link', 'anyone', agreeToLink),
  page('GET', '/pages/organization', 'anyone', showOrganization),
  page('POST', '/pages/organization', 'anyone', findOrganization),
  page('POST', '/pages/passkey/options', 'anyone', passkeyOptions),
  page('POST', '/pages/passkey', 'anyone', signInWithPasskey),
  page('POST', '/pages/wallet', 'anyone', signInWithWallet),

  page('GET', '/pages/enter-code', 'anyone', showCodePage),
  page('POST', '/pages/enter-code', 'anyone', takeCode),
  page('POST', '/pages/send-again', 'anyone', sendAgain),
  page('GET', '/pages/confirm', 'anyone', showConfirmLink),
  page('POST', '/pages/confirm', 'anyone', confirmLink),
  page('POST', '/pages/send-link', 'anyone', sendAnotherLink),

  page('GET', '/pages/forgot-password', 'anyone', showForgotPassword),
  page('POST', '/pages/forgot-password', 'anyone', forgetPassword),
  page('GET', '/pages/new-password', 'person', showNewPassword),
  page('POST', '/pages/new-password', 'person', setNewPassword),

  page('GET', '/pages/second-factor', 'person', showSecondFactor, beforeMfa),
  page('POST', '/pages/second-factor', 'person', takeSecondFactor, beforeMfa),
  page('POST', '/pages/second-factor/challenge', 'person', sendFactorCode, beforeMfa),
  page('POST', '/pages/second-factor/options', 'person', factorOptions, beforeMfa),

  page('GET', '/pages/signed-in', 'anyone', arrive),
  page('GET', '/pages/continue', 'anyone', continuePage),
  page('POST', '/pages/continue', 'anyone', continueForm),
  page('GET', '/pages/consent', 'person', showConsent),
  page('POST', '/pages/consent', 'person', giveConsent),
  page('GET', '/pages/device', 'person', showDevice),
  page('POST', '/pages/device', 'person', findDevice),
  page('GET', '/pages/device/confirm', 'person', showDeviceRequest),
  page('POST', '/pages/device/confirm', 'person', decideOnDevice),
  page('GET', '/pages/sign-out', 'anyone', askToSignOut),
  page('POST', '/pages/sign-out', 'anyone', signOut),
]
