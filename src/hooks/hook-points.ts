// The seven places where an application's own code is asked: names, what is told, and what a reply must look like.
import type { HookName } from '../config/families.ts'
import { AuthError } from '../errors.ts'
import type { JsonObject } from '../json-values.ts'
import { checkClaims } from './check-claims.ts'
import { field, misshapen } from './read-reply.ts'

/** A JSON object, such as a user or the claims of a token as they are shown. */
type Shown = object

/** The attempt that a verification hook judges: right or wrong. */
interface Attempt {
  user_id: string
  valid: boolean
}

/** What each hook is told, besides `metadata`. */
export interface HookPayloads {
  before_user_created: { user: Shown }
  after_user_created: { user: Shown }
  custom_access_token: { user_id: string; claims: Shown; authentication_method: string }
  send_sms: { user: Shown; sms: { otp: string; phone: string; sms_type?: string } }
  send_email: { user: Shown; email_data: EmailData }
  mfa_verification_attempt: Attempt & { factor_id: string; factor_type: string }
  password_verification_attempt: Attempt
}

/** The mail that a send-email hook sends; all fields are always there, `''` where unused. */
export interface EmailData {
  token: string
  token_hash: string
  redirect_to: string
  email_action_type: string
  site_url: string
  token_new: string
  token_hash_new: string
  old_email: string
  old_phone: string
  provider: string
  factor_type: string
}

/** What a verification hook decided. */
export interface Verdict {
  decision: 'continue' | 'reject'
  /** Text for the user; `''` leaves it to us. */
  message: string
  should_logout_user: boolean
}

/** What each hook answers once its reply is found right; a reply of which nothing is used is `{}`. */
export interface HookOutputs {
  before_user_created: Record<string, never>
  after_user_created: Record<string, never>
  custom_access_token: { claims: JsonObject }
  send_sms: Record<string, never>
  send_email: Record<string, never>
  mfa_verification_attempt: Verdict
  password_verification_attempt: Verdict
}

/** One hook: its name in `metadata.name`, and the reading of a reply. */
export interface HookPoint<Output> {
  metadata_name: string
  /** Time that a function of the database may take, in milliseconds; null as the reference lets it run on. */
  timeout_ms: number | null
  /**
   * Turns a reply (null is none at all) into the output.
   * @throws AuthError 500 when the reply has another form
   */
  read: (reply: JsonObject | null) => Output | null
}

/** Any object will do: nothing of it is used. */
const nothing = (reply: JsonObject | null): Record<string, never> | null => (reply ? {} : null)

function claims(reply: JsonObject | null): { claims: JsonObject } {
  const value = reply ? field(reply, 'claims') : null
  if (value === null || value === undefined) throw new AuthError(500, '', 'output claims field is missing')
  return { claims: checkClaims(value) }
}

/** A reply without a decision lets things go on, as in the reference; an unknown one does not. */
function verdict(reply: JsonObject | null): Verdict | null {
  if (!reply) return null
  const given = field(reply, 'decision')
  const decision = given === undefined ? 'continue' : given
  const message = field(reply, 'message') ?? ''
  const should_logout_user = field(reply, 'should_logout_user') ?? false
  if (decision !== 'continue' && decision !== 'reject') throw misshapen(`decision ${JSON.stringify(decision)}`)
  if (typeof message !== 'string') throw misshapen('message is no text')
  if (typeof should_logout_user !== 'boolean') throw misshapen('should_logout_user is neither true nor false')
  return { decision, message, should_logout_user }
}

/** Every hook; the time limits are those of the reference. */
export const hookPoints: { [Name in HookName]: HookPoint<HookOutputs[Name]> } = {
  before_user_created: { metadata_name: 'before-user-created', timeout_ms: null, read: nothing },
  after_user_created: { metadata_name: 'after-user-created', timeout_ms: null, read: nothing },
  custom_access_token: { metadata_name: 'customize-access-token', timeout_ms: 2000, read: claims },
  send_sms: { metadata_name: 'send-sms', timeout_ms: 2000, read: nothing },
  send_email: { metadata_name: 'send-email', timeout_ms: 2000, read: nothing },
  mfa_verification_attempt: { metadata_name: 'mfa-verification', timeout_ms: 2000, read: verdict },
  password_verification_attempt: { metadata_name: 'password-verification', timeout_ms: 2000, read: verdict },
}
