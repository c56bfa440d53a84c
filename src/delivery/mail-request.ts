// What a flow tells about a mail that it wants sent.
import type { MailKind } from '../config/keys.ts'

/** What a mail is about. */
export interface MailRequest {
  kind: MailKind
  to: string
  user_id: string
  token?: string
  token_hash?: string
  /** Stored hashes that the mail carries: once they are replaced or used it is not sent. */
  token_hashes?: string[]
  redirect_to: string
  external_url: string
  /** Tags of the languages that whoever asked for it reads; what the account says of itself counts before them. */
  languages: readonly string[]
  /** user_metadata. */
  data: Record<string, unknown>
  email: string
  /** Seconds after which the mail is of no use. */
  expires_in_s: number
  new_email?: string
  sending_to?: string
  old_email?: string
  phone?: string
  old_phone?: string
  provider?: string
  factor_type?: string
}
