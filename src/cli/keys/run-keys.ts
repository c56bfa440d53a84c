// postern keys: makes key sets for GOTRUE_JWT_KEYS, and turns them over without anybody being signed out.
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { type Jwk, keyOfSecret, newKey, nextStep, type RotationStep, rolesOf, rotate } from '../../crypto/key-set.ts'
import { loadKeys } from '../../crypto/keys.ts'
import type { Line } from '../command.ts'
import { readEnvironment } from '../environment.ts'
import { printTable } from '../print-table.ts'
import type { generateOptions, listOptions, rotateOptions } from './options.ts'

/** What is to be done after a step. */
const advice: Record<RotationStep, (exp_s: number) => string> = {
  add: () =>
    'A new key was added, which verifies only. Restart every server with this set, wait 10 minutes until caches of the key set have it, then run rotate again.',
  use: (exp_s) =>
    `The new key signs from now on, the old one verifies only. Restart every server, wait ${exp_s} seconds until tokens of the old key have ended, then run rotate again. API keys (anon, service_role) that the old key signed must be made anew before that.`,
  drop: () => 'The old key was dropped. Restart every server; the rotation is done.',
}

/** Runs `postern keys generate`. */
export const generateKeys = ({ values }: Line<typeof generateOptions>): Promise<number> =>
  deliver([newKey(values.alg, true)], values, 'Restart every server with this set.')

/** Runs `postern keys rotate`. */
export async function rotateKeys({ values }: Line<typeof rotateOptions>): Promise<number> {
  const { set, exp_s } = await presentSet(values.config)
  const step = values.step ?? nextStep(set)
  return deliver(rotate(set, step, values.alg), values, advice[step](exp_s))
}

/** Runs `postern keys list`. */
export async function listKeys({ values }: Line<typeof listOptions>): Promise<number> {
  return list(await presentSet(values.config), values.json)
}

interface Present {
  set: Jwk[]
  exp_s: number
}

/** The set of the environment, or the secret as a set of one key. */
async function presentSet(config: string[]): Promise<Present> {
  const env = await readEnvironment({ config })
  const { GOTRUE_JWT_SECRET: secret = '', GOTRUE_JWT_KEYS: keys_json = '', GOTRUE_JWT_KEY_ID: key_id = '' } = env
  if (secret === '' && keys_json.trim() === '')
    throw new Error('neither GOTRUE_JWT_KEYS nor GOTRUE_JWT_SECRET is set; begin with: postern keys generate')
  try {
    loadKeys({ secret, key_id, keys_json, valid_methods: [] })
  } catch (error) {
    throw new Error('GOTRUE_JWT_KEYS cannot be used', { cause: error })
  }
  const set: Jwk[] = keys_json.trim() === '' ? [keyOfSecret(secret, key_id)] : JSON.parse(keys_json)
  return { set, exp_s: Number(env.GOTRUE_JWT_EXP) || 3600 }
}

function list({ set }: Present, json: boolean): number {
  const rows = rolesOf(set).map(({ jwk, role }) => ({
    kid: jwk.kid ?? '',
    algorithm: typeof jwk.alg === 'string' ? jwk.alg : 'HS256',
    role,
    published: jwk.kty !== 'oct',
  }))
  if (json) console.log(JSON.stringify(rows))
  else printTable(rows)
  return 0
}

async function deliver(
  set: Jwk[],
  { write, json }: { write: string | undefined; json: boolean },
  sentence: string,
): Promise<number> {
  const text = JSON.stringify(set)
  // Read once as a server will, before anybody relies on it.
  loadKeys({ secret: '', key_id: '', keys_json: text, valid_methods: [] })
  if (write === undefined) console.log(json ? text : `GOTRUE_JWT_KEYS='${text}'`)
  else await writeVariable(write, 'GOTRUE_JWT_KEYS', text)
  if (!json) console.error(sentence)
  return 0
}

/** Replaces a variable of a .env file, or adds it, in one rename; others never see half a file. */
async function writeVariable(file: string, name: string, value: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch((error: unknown) => {
    if (Reflect.get(Object(error), 'code') === 'ENOENT') return ''
    throw error
  })
  const line = `${name}='${value}'`
  const form = new RegExp(`^(export\\s+)?${name}=.*$`, 'm')
  const after = form.test(before)
    ? before.replace(form, () => line)
    : `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, after, { mode: 0o600, flag: 'wx' })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
