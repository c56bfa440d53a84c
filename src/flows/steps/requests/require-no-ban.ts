// Who is banned gets in by no way.
import { AuthError } from '../../../errors.ts'
import type { User } from '../../../storage/users.ts'

/** @throws AuthError 403 user_banned */
export function requireNoBan({ is_banned }: Pick<User, 'is_banned'>): void {
  if (is_banned) throw new AuthError(403, 'user_banned', 'User is banned')
}
