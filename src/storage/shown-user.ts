// The JSON of an account in lists, made by PostgreSQL: nothing in a list is decided on, so that it is passed on unread.

type Kind = 'uuid' | 'text' | 'filled' | 'time' | 'object' | 'flag' | 'null'

/** USER of routes.md without identities and factors, in its order; `presentUser` shows the same of one account. */
const fields: readonly [name: string, kind: Kind, column?: string][] = [
  ['id', 'uuid'],
  ['aud', 'text'],
  ['role', 'text'],
  ['email', 'text'],
  ['email_confirmed_at', 'time'],
  ['invited_at', 'time'],
  ['phone', 'text'],
  ['phone_confirmed_at', 'time'],
  ['confirmation_sent_at', 'time'],
  ['confirmed_at', 'time'],
  ['recovery_sent_at', 'time'],
  ['new_email', 'filled', 'email_change'],
  ['email_change_sent_at', 'time'],
  ['new_phone', 'filled', 'phone_change'],
  ['phone_change_sent_at', 'time'],
  ['reauthentication_sent_at', 'time'],
  ['last_sign_in_at', 'time'],
  ['app_metadata', 'object', 'raw_app_meta_data'],
  ['user_metadata', 'object', 'raw_user_meta_data'],
  ['identities', 'null'],
  ['created_at', 'time'],
  ['updated_at', 'time'],
  ['banned_until', 'time'],
  ['deleted_at', 'time'],
  ['is_anonymous', 'flag'],
]

/** The text of a value; SQL null leaves its field out. Sessions have the time zone UTC. */
const texts: Record<Kind, (column: string) => string> = {
  uuid: (column) => `'"' || ${column} || '"'`,
  text: (column) => `to_json(coalesce(${column}::text, ''))::text`,
  filled: (column) => `to_json(nullif(${column}::text, ''))::text`,
  time: (column) => `replace(to_json(${column})::text, '+00:00', 'Z')`,
  object: (column) => `coalesce(nullif(${column}, 'null')::text, '{}')`,
  flag: (column) => `${column}::text`,
  null: () => `'null'`,
}

/** An account of auth.users `u` as JSON text. */
export const shownUser = `'{' || ${fields
  .map(([name, kind, column = name], place) => {
    const pair = `'${place === 0 ? '' : ','}"${name}":' || ${texts[kind](`u.${column}`)}`
    return kind === 'time' || kind === 'filled' ? `coalesce(${pair}, '')` : pair
  })
  .join(' || ')} || '}'`
