// Every variable that configures a server, and the configuration that they make.
import { featureKeys, securityKeys, signInKeys, tokenKeys } from './account-keys.ts'
import type {
  HookName,
  hookKeys,
  MailKind,
  mailKindKeys,
  NotificationName,
  ProviderName,
  providerKeys,
  Values,
} from './families.ts'
import { addressKeys, databaseKeys, limitKeys, mailKeys, operationKeys, smsKeys } from './server-keys.ts'

export type { HookName, MailKind, NotificationName, ProviderName } from './families.ts'

/** The variables by area, as the documentation lists them. */
export const areas = {
  'Addresses': addressKeys,
  'Database': databaseKeys,
  'Tokens and sessions': tokenKeys,
  'Ways to sign in': signInKeys,
  'Passwords and protection': securityKeys,
  'Mail': mailKeys,
  'Messages to phones': smsKeys,
  'Limits': limitKeys,
  'Operation': operationKeys,
  'Further features': featureKeys,
}

/** Every variable that exists once. */
export const keys = {
  ...addressKeys,
  ...databaseKeys,
  ...tokenKeys,
  ...signInKeys,
  ...securityKeys,
  ...mailKeys,
  ...smsKeys,
  ...limitKeys,
  ...operationKeys,
  ...featureKeys,
}

/** A configuration: durations in milliseconds, names as in the variables without their prefix. */
export type Config = Values<typeof keys> & {
  external: Record<ProviderName, Values<typeof providerKeys>>
  hooks: Record<HookName, Values<typeof hookKeys>>
  mailer_notifications: Record<NotificationName, boolean>
} & { [Name in keyof typeof mailKindKeys]: Record<MailKind, string> }
