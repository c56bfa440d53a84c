// Whole accounts page by page, for exports.
import type { Queryable } from './db.ts'

/** An account in the form that an import reads. */
export type ExportedUser = Record<string, unknown> & { id: string }

/** The next accounts by id, without those that were deleted softly; identities oldest first. */
export async function findUsersAfter(db: Queryable, after: string, limit: number, with_hashes: boolean) {
  return db.query<ExportedUser>(
    `select u.id, u.aud, u.role, u.email, u.phone, u.email_confirmed_at, u.phone_confirmed_at, u.invited_at, u.last_sign_in_at,
        u.created_at, u.updated_at, u.banned_until, u.is_anonymous, u.raw_app_meta_data as app_metadata,
        u.raw_user_meta_data as user_metadata,
        case when $3::boolean then coalesce(to_jsonb(nullif(u.encrypted_password, '')),
          (select params from postern.foreign_passwords f where f.user_id = u.id)) end as password_hash,
        coalesce((select json_agg(json_build_object('id', i.id, 'provider', i.provider, 'provider_id', i.provider_id,
            'identity_data', i.identity_data, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at,
            'updated_at', i.updated_at) order by i.created_at, i.provider, i.id)
          from auth.identities i where i.user_id = u.id), '[]') as identities
      from auth.users u where u.id > $1::uuid and u.deleted_at is null and not u.is_sso_user order by u.id limit $2`,
    [after, limit, with_hashes],
  )
}
