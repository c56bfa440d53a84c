// Every variable that configures a server, and the configuration that they make.
import { featureKeys, securityKeys, signInKeys, tokenKeys } from './account-keys.ts'
import { families } from './families.ts'
import type { Key } from './key-types.ts'
import { oauthKeys } from './oauth-keys.ts'
import { pagesKeys } from './pages-keys.ts'
import { addressKeys, databaseKeys, limitKeys, mailKeys, operationKeys, smsKeys } from './server-keys.ts'
import { telemetryKeys } from './telemetry-keys.ts'

export type { HookName, MailKind, NotificationName, ProviderName } from './families.ts'

/** The variables that exist once by area, as the documentation lists them. */
export const areas = {
  Addresses: addressKeys,
  Database: databaseKeys,
  'Tokens and sessions': tokenKeys,
  'Ways to sign in': signInKeys,
  'Passwords and protection': securityKeys,
  Mail: mailKeys,
  'Messages to phones': smsKeys,
  Limits: limitKeys,
  'Applications (OAuth server)': oauthKeys,
  Operation: operationKeys,
  'Metrics, traces and profiles': telemetryKeys,
  'Further features': featureKeys,
  'Pages for people': pagesKeys,
}

/** Every variable, under its name in the configuration. */
export const keys = {
  ...addressKeys,
  ...databaseKeys,
  ...tokenKeys,
  ...signInKeys,
  ...securityKeys,
  ...mailKeys,
  ...smsKeys,
  ...limitKeys,
  ...oauthKeys,
  ...operationKeys,
  ...telemetryKeys,
  ...featureKeys,
  ...pagesKeys,
  ...families,
}

/** What the keys of a table hold once they are read. */
export type Values<Table> = {
  [Name in keyof Table]: Table[Name] extends Key<infer Value> ? Value : Values<Table[Name]>
}

/** A configuration: durations in milliseconds, names as in the variables without their prefix. */
export type Config = Values<typeof keys>
