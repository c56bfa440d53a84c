// Users of SCIM (RFC 7643 §4.1): accounts that a company makes, changes, deactivates and removes for its people.
import { randomUUID } from 'node:crypto'
import type { ScimCtx } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { deletionRefusal } from '../../storage/constraint-refusal.ts'
import { isUniqueViolation, type Queryable } from '../../storage/db.ts'
import { insertIdentity } from '../../storage/identities.ts'
import {
  findScimUser,
  findUnmanagedAccount,
  insertScimUser,
  isAmbiguousUser,
  lockScimUser,
  type ScimUser,
  searchScimUsers,
  updateProvisionedIdentity,
  updateScimUser,
} from '../../storage/scim-users.ts'
import { deleteSessions } from '../../storage/sessions.ts'
import { forgetUser } from '../../storage/soft-delete.ts'
import { NOW } from '../../storage/sql.ts'
import { deleteTrustedDevices } from '../../storage/trusted-devices.ts'
import { deleteUser, insertUser, lockUser, type NewUser, updateUser } from '../../storage/users.ts'
import { mergeMetadata } from '../steps/accounts/merge-metadata.ts'
import { afterTheFirst, transact } from '../steps/transact.ts'
import { applyPatch, changesOf } from './apply-patch.ts'
import { auditByToken } from './audit-by-token.ts'
import { type Resource, readResource } from './read-resource.ts'
import {
  type CheckVersion,
  locationOf,
  metaOf,
  notFound,
  notUnique,
  type ResourceKind,
  type Written,
} from './resource-kind.ts'
import { enterpriseSchema, users as schema, userSchema } from './scim-attributes.ts'
import { project } from './scim-query.ts'
import { emailOf, fieldsOf, identityOf, providerName, resourceOf, type UserFields } from './user-account.ts'

/** Users. */
export const users: ResourceKind = {
  schema,
  shows_changes: true,
  async read(ctx, id, projection) {
    const row = await findScimUser(ctx.db, ctx.scim.provider_id, id)
    if (!row) throw notFound(id)
    return { resource: project(present(ctx, row), projection), version: row.version }
  },
  async search(ctx, search, projection) {
    const { rows, total } = await searchScimUsers(ctx.db, ctx.scim.provider_id, search)
    return { resources: rows.map((row) => project(present(ctx, row), projection)), total }
  },
  create: (ctx, body) => createUser(ctx, fieldsOf(readResource(schema, body))),
  replace: (ctx, id, body, check) => changeUser(ctx, id, check, () => readResource(schema, body)),
  patch: (ctx, id, operations, check) =>
    changeUser(ctx, id, check, (held) =>
      applyPatch(
        schema,
        held,
        operations.flatMap((operation) => changesOf(schema, operation)),
      ),
    ),
  remove: removeUser,
}

function present(ctx: ScimCtx, row: ScimUser): Resource {
  return {
    schemas: [userSchema.id, ...(enterpriseSchema.id in row.attributes ? [enterpriseSchema.id] : [])],
    id: row.user_id,
    ...resourceOf(row),
    groups: row.groups.map(({ id, display_name }) => ({
      value: id,
      $ref: locationOf(ctx, `Groups/${id}`),
      display: display_name,
      type: 'direct',
    })),
    meta: metaOf(ctx, 'User', { ...row, id: row.user_id }),
  }
}

const uniquely = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    if (isUniqueViolation(error, 'scim_users_user_name_key')) throw notUnique('userName')
    if (isUniqueViolation(error, 'scim_users_external_id_key')) throw notUnique('externalId')
    if (isUniqueViolation(error, 'scim_users_pkey')) throw notUnique('userName')
    throw error
  })

/** What the audit log says of a user. */
const told = (user_id: string, fields: UserFields) => ({ user_id, user_email: emailOf(fields) ?? '' })

/** Makes an account, or takes charge of one that the person has made by signing in with the provider. */
async function createUser(ctx: ScimCtx, fields: UserFields): Promise<Written> {
  const { provider_id } = ctx.scim
  const [id, identity_id] = [randomUUID(), randomUUID()]
  const names = [...new Set([fields.user_name, fields.user_name.toLowerCase(), fields.external_id ?? fields.user_name])]
  // Whoever signs in for the first time at this moment is found by a second try.
  const work = afterTheFirst(() =>
    uniquely(
      transact(ctx, async (tx) => {
        const [there, isAmbiguous] = await Promise.all([
          findUnmanagedAccount(tx, provider_id, names),
          isAmbiguousUser(tx, provider_id, { ...fields, user_id: id }),
        ])
        if (isAmbiguous) throw notUnique('userName or externalId')
        const row = { ...fields, user_id: id, identity_id, sso_provider_id: provider_id, ...there }
        if (there) await updateAccount(ctx, tx, row, fields, null)
        const account = there ? null : newAccount(ctx, row)
        const [, made] = await Promise.all([
          account && insertUser(tx, account.user),
          insertScimUser(tx, row),
          account && insertIdentity(tx, account.identity),
          auditByToken(ctx, tx, there ? 'user_modified' : 'user_signedup', told(row.user_id, fields), {
            active: fields.active,
          }),
        ])
        return { id: row.user_id, version: 1, ...(made && { resource: present(ctx, made) }) }
      }),
    ),
  )
  return work.catch(identityTaken)
}

/** The name is of somebody whom the provider's token may not take charge of. */
function identityTaken(error: unknown): never {
  throw isUniqueViolation(error, 'identities_provider_id_provider_unique') ? notUnique('userName') : error
}

function newAccount(ctx: ScimCtx, row: UserFields & { user_id: string; identity_id: string }) {
  const { user_id, identity_id: id, user_name: provider_id } = row
  const provider = providerName(ctx)
  const identity_data = identityOf(ctx, row)
  const email = emailOf(row)
  const user: NewUser = {
    id: user_id,
    aud: ctx.config.jwt_aud,
    role: ctx.config.jwt_default_group_name,
    email,
    encrypted_password: null,
    raw_app_meta_data: { provider, providers: [provider], groups: [] },
    raw_user_meta_data: identity_data,
    email_confirmed: email !== null,
    is_sso_user: true,
  }
  return { user, identity: { id, user_id, provider, provider_id, identity_data } }
}

/** Writes what a change of a user means for the account; whoever is inactive has no session and no trusted device. */
async function updateAccount(
  ctx: ScimCtx,
  tx: Queryable,
  { user_id, identity_id }: { user_id: string; identity_id: string },
  fields: UserFields,
  before: UserFields | null,
): Promise<void> {
  const account = await lockUser(tx, user_id)
  if (!account) throw notFound(user_id)
  const identity_data = identityOf(ctx, fields)
  const email = emailOf(fields)
  const gone = Object.keys(before === null ? {} : identityOf(ctx, before)).filter((name) => !(name in identity_data))
  const metadata = { ...Object.fromEntries(gone.map((name) => [name, null])), ...identity_data }
  const isUnbroken = fields.active && before?.active !== false
  const name = { old: (before ?? fields).user_name, new: fields.user_name }
  await Promise.all([
    updateUser(tx, user_id, {
      email,
      ...(email !== account.email && { email_confirmed_at: email === null ? null : NOW }),
      raw_user_meta_data: mergeMetadata(account.raw_user_meta_data, metadata),
      ...(before === null && { raw_app_meta_data: { ...account.raw_app_meta_data, groups: [] } }),
    }),
    updateProvisionedIdentity(tx, identity_id, name, identity_data),
    // Once more when somebody comes back: a sign-in may have been under way when they left.
    ...(isUnbroken ? [] : [deleteSessions(tx, user_id), deleteTrustedDevices(tx, user_id)]),
  ])
}

async function changeUser(
  ctx: ScimCtx,
  id: string,
  check: CheckVersion,
  change: (held: Resource) => Resource,
): Promise<Written> {
  return uniquely(
    transact(ctx, async (tx) => {
      const row = await lockScimUser(tx, ctx.scim.provider_id, id)
      if (!row) throw notFound(id)
      check(row.version)
      const fields = fieldsOf(change(resourceOf(row)), row.active)
      const isRenamed = fields.user_name !== row.user_name || fields.external_id !== row.external_id
      if (isRenamed && (await isAmbiguousUser(tx, ctx.scim.provider_id, { ...fields, user_id: id })))
        throw notUnique('userName or externalId')
      await Promise.all([updateScimUser(tx, id, { ...fields }), updateAccount(ctx, tx, row, fields, row)])
      const turned = fields.active === row.active ? {} : { active: fields.active }
      await auditByToken(ctx, tx, 'user_modified', told(id, fields), turned)
      return { id, version: row.version + 1 }
    }),
  ).catch(identityTaken)
}

/** Removes the account with all that is its own. */
async function removeUser(ctx: ScimCtx, id: string, check: CheckVersion): Promise<void> {
  await transact(ctx, async (tx) => {
    const row = await lockScimUser(tx, ctx.scim.provider_id, id)
    if (!row) throw notFound(id)
    check(row.version)
    await auditByToken(ctx, tx, 'user_deleted', told(id, row))
    await forgetUser(tx, id)
    await deleteUser(tx, id)
  }).catch((error: unknown) => {
    const refused = deletionRefusal(error)
    throw refused ? new AuthError(409, '', refused.message, { cause: error }) : error
  })
}
