// Names that a line may use: an unknown role or redirect would be taken, and then be of no use to anybody.
import type { Config } from '../../config/keys.ts'
import { isAllowedRedirect } from '../../flows/steps/answers/allowed-redirect.ts'
import { findDatabaseRoles } from '../../storage/roles.ts'
import type { LocalApi } from '../local-api.ts'
import { UsageError } from '../usage-error.ts'

/** Roles that API keys can have. */
export const keyRoles = (config: Config): string[] => [...new Set(['anon', 'service_role', ...config.jwt_admin_roles])]

/**
 * Roles that accounts may have: those of the configuration and of the database.
 * @throws UsageError for another
 */
export async function requireRole({ db, config }: LocalApi, role: string): Promise<void> {
  const configured = [config.jwt_default_group_name, 'authenticated', ...keyRoles(config)]
  if (configured.includes(role) || (await findDatabaseRoles(db, [role])).includes(role)) return
  const known = [...new Set(configured.filter((name) => name !== ''))]
  throw new UsageError(
    `--role ${role} is unknown to the configuration (${known.join(', ')}) and to the database; --new-role takes it all the same`,
  )
}

/** @throws UsageError for an address that links may not lead to */
export function requireRedirect({ site_url, uri_allow_list }: Config, address: string): void {
  if (isAllowedRedirect(address, site_url, uri_allow_list)) return
  throw new UsageError(`--redirect ${address} is allowed neither by GOTRUE_SITE_URL nor by GOTRUE_URI_ALLOW_LIST`)
}
