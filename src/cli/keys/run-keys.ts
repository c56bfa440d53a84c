// postern keys: makes key sets for GOTRUE_JWT_KEYS, and turns them over without anybody being signed out.
import { readEnvFile } from '../../config/env-file.ts'
import type { Algorithm } from '../../crypto/algorithms.ts'
import {
  hindrance,
  type Jwk,
  keyInKms,
  keyOfSecret,
  newKey,
  nextStep,
  type RotationStep,
  rolesOf,
  rotate,
} from '../../crypto/key-set.ts'
import { listsNoKey, loadKeys } from '../../crypto/keys.ts'
import { askYesOrNo } from '../ask.ts'
import type { Line, Values } from '../command.ts'
import { readEnvironment } from '../environment.ts'
import { printTable } from '../print-table.ts'
import { UsageError } from '../usage-error.ts'
import { keyWarnings } from './key-warnings.ts'
import type { generateOptions, listOptions, rotateOptions } from './options.ts'
import { readIfThere, writeVariable } from './write-variable.ts'

const variable = 'GOTRUE_JWT_KEYS'

/** What is to be done after a step. */
const advice: Record<RotationStep, (exp_s: number) => string> = {
  add: () =>
    'A new key was added, which verifies only. Restart every server with this set, wait 10 minutes until caches of the key set have it, then run rotate again.',
  use: (exp_s) =>
    `The new key signs from now on, the old one verifies only. Restart every server, wait ${exp_s} seconds until tokens of the old key have ended, then run rotate again. API keys (anon, service_role) that the old key signed must be made anew before that. If something refuses the new key, --step back lets the old one sign again.`,
  drop: () => 'The old key was dropped, for good. Restart every server; the rotation is done.',
  back: () =>
    'The key of before signs again; one that had come into use verifies only, until it is dropped. Restart every server.',
}

/** Runs `postern keys generate`. */
export async function generateKeys({ values }: Line<typeof generateOptions>): Promise<number> {
  const set = [await makeKey(values, true)]
  const there = values.write === undefined ? {} : readEnvFile((await readIfThere(values.write)) ?? '')
  const warnings = keyWarnings(set, null, Boolean(there.GOTRUE_JWT_SECRET))
  return deliver(set, { ...values, known: null }, ['Restart every server with this set.', ...warnings])
}

/** Runs `postern keys rotate`. */
export async function rotateKeys({ values }: Line<typeof rotateOptions>): Promise<number> {
  const { set, exp_s, secret } = await presentSet(values.config)
  const step = values.step ?? nextStep(set)
  const now_s = Math.floor(Date.now() / 1000)
  const problem = hindrance(set, step, exp_s, now_s)
  if (problem !== null && !values.force)
    throw new Error(`too early to ${step}: ${problem}; --force does it all the same`)
  if (step !== 'add' && values.kms !== undefined)
    throw new UsageError(`--kms goes with the step add, and this is ${step}`)
  const added = step === 'add' ? await makeKey(values, false) : null
  const turned = rotate(set, step, added, now_s)
  const warnings = step === 'add' || step === 'use' ? keyWarnings(turned, set, secret) : []
  return deliver(turned, { ...values, known: set }, [advice[step](exp_s), ...warnings])
}

/** A key of the set's own, or one of AWS KMS. */
async function makeKey({ alg, kms }: { alg: Algorithm; kms: string | undefined }, signing: boolean): Promise<Jwk> {
  if (kms === undefined) return newKey(alg, signing)
  const { takeKmsKey } = await import('./take-kms-key.ts')
  return keyInKms(alg, signing, await takeKmsKey(kms, alg), kms)
}

/** Runs `postern keys list`. */
export async function listKeys({ values }: Line<typeof listOptions>): Promise<number> {
  const { set } = await presentSet(values.config)
  const rows = rolesOf(set).map(({ jwk, role }) => ({
    kid: jwk.kid ?? '',
    algorithm: typeof jwk.alg === 'string' ? jwk.alg : 'HS256',
    role,
    published: jwk.kty !== 'oct',
    since: typeof jwk.since === 'number' ? new Date(jwk.since * 1000).toISOString() : '',
  }))
  if (values.json) console.log(JSON.stringify(rows))
  else printTable(rows)
  return 0
}

/** The set of the environment, or the secret as a set of one key. */
async function presentSet(config: string[]): Promise<{ set: Jwk[]; exp_s: number; secret: boolean }> {
  const env = await readEnvironment({ config })
  const { GOTRUE_JWT_SECRET: secret = '', GOTRUE_JWT_KEYS: keys_json = '', GOTRUE_JWT_KEY_ID: key_id = '' } = env
  if (secret === '' && listsNoKey(keys_json))
    throw new Error('neither GOTRUE_JWT_KEYS nor GOTRUE_JWT_SECRET is set; begin with: postern keys generate')
  try {
    loadKeys({ secret, key_id, keys_json, valid_methods: [] })
  } catch (error) {
    throw new Error(`${variable} cannot be used`, { cause: error })
  }
  const set: Jwk[] = listsNoKey(keys_json) ? [keyOfSecret(secret, key_id)] : JSON.parse(keys_json)
  return { set, exp_s: Number(env.GOTRUE_JWT_EXP) || 3600, secret: secret !== '' }
}

interface Delivery extends Pick<Values<typeof generateOptions>, 'write' | 'yes' | 'json'> {
  /** The set that may be replaced, since it is what the new one was made of. */
  known: readonly Jwk[] | null
}

async function deliver(set: Jwk[], { write, yes, json, known }: Delivery, sentences: string[]): Promise<number> {
  if (yes && write === undefined) throw new UsageError('--yes goes with --write')
  const text = JSON.stringify(set)
  // Read once as a server will, before anybody relies on it.
  loadKeys({ secret: '', key_id: '', keys_json: text, valid_methods: [] })
  if (write === undefined) console.log(json ? text : `${variable}='${text}'`)
  else {
    if (!yes) await agreeToReplace(write, known)
    const backup = await writeVariable(write, variable, text)
    if (backup !== null && !json) console.error(`What ${write} was lies in ${backup}; it has keys in it.`)
  }
  if (!json) for (const sentence of sentences) console.error(sentence)
  return 0
}

/** @throws Error unless the file has no other set, or somebody agrees */
async function agreeToReplace(file: string, known: readonly Jwk[] | null): Promise<void> {
  const there = readEnvFile((await readIfThere(file)) ?? '')[variable] ?? ''
  if (listsNoKey(there) || isSame(there, known)) return
  const what = `${file} has another set of keys, and tokens that they signed would be refused`
  const agreed = await askYesOrNo(`${what}. Replace it?`)
  if (agreed === null) throw new Error(`${what}; --yes replaces it`)
  if (!agreed) throw new Error(`${file} was left as it is`)
}

function isSame(text: string, known: readonly Jwk[] | null): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(known)
  } catch {
    return false
  }
}
