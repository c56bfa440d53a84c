// The forms of files that postern import reads, by name.
import { json, type Preset, type Raw } from './preset-fields.ts'
import { auth0, clerk, cognito, firebase } from './presets-hosted.ts'
import { betterAuth, keycloak } from './presets-own.ts'

/** Every preset by its name; `postern` is our own form, which `postern export` writes. */
export const presets: Record<string, Preset> = {
  postern: {
    title: 'Postern',
    file: 'what `postern export` writes, or NDJSON, JSON or CSV with the same fields',
    record: readOwn,
  },
  auth0,
  firebase,
  clerk,
  cognito,
  keycloak,
  'better-auth': betterAuth,
}

/** Columns of a CSV are texts; these hold JSON. */
function readOwn(raw: Raw): Raw {
  const objects = ['user_metadata', 'app_metadata', 'identities']
  const read = objects.flatMap((name) =>
    typeof raw[name] === 'string' && raw[name] !== '' ? [[name, json(name, raw[name])]] : [],
  )
  return { ...raw, ...Object.fromEntries(read) }
}
