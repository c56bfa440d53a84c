// postern keys: makes key sets for GOTRUE_JWT_KEYS, and turns them over without anybody being signed out.
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Algorithm } from '../crypto/algorithms.ts'
import {
  type Jwk,
  keyAlgorithms,
  keyOfSecret,
  newKey,
  nextStep,
  type RotationStep,
  rolesOf,
  rotate,
} from '../crypto/key-set.ts'
import { loadKeys } from '../crypto/keys.ts'
import { readEnvironment } from './environment.ts'
import { printTable } from './print-table.ts'
import { UsageError } from './usage-error.ts'

const help = `postern keys — the keys that sign access tokens

  postern keys generate        make a set with one key
  postern keys rotate          take the present set one step further
  postern keys list            show the present set, without what is secret in it

A rotation is three steps; run rotate for each, and restart every server with the new set in between:
  add    a new key is published, and nothing is signed with it yet; wait 10 minutes, so that everybody knows it
  use    the new key signs, the old one only verifies; wait GOTRUE_JWT_EXP seconds, so that its tokens end
  drop   the old key is gone

Options
  --alg NAME      algorithm of a new key: ${keyAlgorithms.join(', ')}; default ES256
  --step NAME     (rotate) add, use or drop, instead of the step that is due
  --config FILE   read variables from a .env file first; may be given several times
  --write FILE    put GOTRUE_JWT_KEYS into a .env file (mode 0600) instead of printing it
  --json          print JSON only
`

/** What is to be done after a step. */
const advice: Record<RotationStep, (exp_s: number) => string> = {
  add: () =>
    'A new key was added, which verifies only. Restart every server with this set, wait 10 minutes until caches of the key set have it, then run rotate again.',
  use: (exp_s) =>
    `The new key signs from now on, the old one verifies only. Restart every server, wait ${exp_s} seconds until tokens of the old key have ended, then run rotate again. API keys (anon, service_role) that the old key signed must be made anew before that.`,
  drop: () => 'The old key was dropped. Restart every server; the rotation is done.',
}

/** Runs a subcommand. */
export async function keys(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      alg: { type: 'string', default: 'ES256' },
      step: { type: 'string' },
      config: { type: 'string', multiple: true, default: [] },
      write: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [name, ...rest] = positionals
  if (values.help || name === undefined) {
    console.log(help)
    return values.help ? 0 : 2
  }
  if (rest.length > 0) throw new UsageError(`${rest[0]} is one word too many`)
  const alg = keyAlgorithms.find((known) => known === values.alg)
  if (!alg) throw new UsageError(`--alg must be one of ${keyAlgorithms.join(', ')}`)
  if (name === 'generate') return deliver([newKey(alg, true)], values, 'Restart every server with this set.')
  if (name === 'list') return list(await presentSet(values.config), values.json)
  if (name === 'rotate') return turn(await presentSet(values.config), alg, values)
  throw new UsageError(`there is no keys ${name}`)
}

interface Present {
  set: Jwk[]
  exp_s: number
}

/** The set of the environment, or the secret as a set of one key. */
async function presentSet(config: string[]): Promise<Present> {
  const env = await readEnvironment({ config, port: undefined, state: undefined })
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

function turn({ set, exp_s }: Present, alg: Algorithm, values: { step?: string; write?: string; json: boolean }) {
  const steps = ['add', 'use', 'drop'] as const
  const step = values.step === undefined ? nextStep(set) : steps.find((known) => known === values.step)
  if (!step) throw new UsageError('--step must be add, use or drop')
  return deliver(rotate(set, step, alg), values, advice[step](exp_s))
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
  { write, json }: { write?: string; json: boolean },
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
