// The forms of files that postern import reads, by name.
import { nearestName } from '../../config/nearest-name.ts'
import { auth0 } from './preset-auth0.ts'
import { betterAuth } from './preset-better-auth.ts'
import { clerk } from './preset-clerk.ts'
import { cognito } from './preset-cognito.ts'
import { type Column, type Columns, known, type Preset, to } from './preset-columns.ts'
import { firebase } from './preset-firebase.ts'
import { keycloak } from './preset-keycloak.ts'
import { supabase } from './preset-supabase.ts'
import { fieldNames, namesWithin } from './record-form.ts'

const ownColumn = (name: string): Column => {
  const within = namesWithin[name]
  return within ? { ...to(name), inside: known(...within) } : to(name)
}

const postern: Preset = {
  title: 'Postern',
  file: 'what `postern export` writes, or NDJSON, JSON or CSV with the same fields',
  columns: Object.fromEntries(fieldNames.map((name) => [name, ownColumn(name)])),
}

/** Every preset by its name; `postern` is our own form. */
export const presets: Record<string, Preset> = {
  postern,
  supabase,
  auth0,
  firebase,
  clerk,
  cognito,
  keycloak,
  'better-auth': betterAuth,
}

/** Names that people expect, and what to do instead. */
const expected: Record<string, string> = {
  password: 'passwords in clear are not imported: hash them, or let people set one by mail',
  encrypted_password: 'did you mean password_hash? --preset supabase reads tables of Supabase',
  raw_user_meta_data: 'did you mean user_metadata? --preset supabase reads tables of Supabase',
  raw_app_meta_data: 'did you mean app_metadata? --preset supabase reads tables of Supabase',
}

/** What to do about a column that is not known. */
export function adviceOn(path: string, columns: Columns): string {
  const advice = Object.hasOwn(expected, path) ? expected[path] : undefined
  if (advice !== undefined) return advice
  const near = nearestName(path, Object.keys(columns))
  return near === null ? 'not known' : `did you mean ${near}?`
}
