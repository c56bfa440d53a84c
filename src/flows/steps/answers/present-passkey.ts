// The JSON of a passkey, as its owner and administrators see it.
import type { Passkey } from '../../../storage/passkeys.ts'
import { utcTime } from './present-user.ts'

/** A passkey in answers. */
export const presentPasskey = ({ id, friendly_name, created_at, last_used_at }: Passkey): Record<string, unknown> => ({
  id,
  ...(friendly_name !== '' && { friendly_name }),
  created_at: utcTime(created_at),
  ...(last_used_at !== null && { last_used_at: utcTime(last_used_at) }),
})
