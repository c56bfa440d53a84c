// English words of the account page.

/** Words of the account page. */
export const accountWords = {
  continue_title: 'Sign in to {application}',
  continue_text: 'Go on with your account. {application} learns your name, your address and how you signed in.',
  continue_as: 'Continue as {name}',
  continue: 'Continue',
  continue_other: 'Use another account',
  continue_over_title: 'This sign-in is over',
  continue_over_text: 'It was used before, or it was open for too long. Go back to the application and start again.',
} as const
