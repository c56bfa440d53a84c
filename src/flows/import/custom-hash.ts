// Auth0's `custom_password_hash`: a hash in parts, as the text that the forms of hashes have.
import type { Raw } from './preset-columns.ts'
import { text } from './preset-fields.ts'
import { LineError } from './record-form.ts'

const bytesOf = ({ value, encoding }: Raw): Buffer =>
  Buffer.from(text(value), encoding === 'hex' ? 'hex' : encoding === 'base64' ? 'base64' : 'utf8')

const plainDigests = ['md5', 'sha1', 'sha256', 'sha512']

/** The hash of an account. @throws LineError for an algorithm that is not known */
export function customHash({ algorithm, hash, salt, keylen, cost, blockSize, parallelization }: Raw): unknown {
  const [stored, salted] = [Object(hash) as Raw, Object(salt) as Raw]
  if (['argon2', 'bcrypt', 'ldap', 'pbkdf2'].includes(text(algorithm))) return stored.value
  const parts = { salt: bytesOf(salted).toString('base64'), hash: bytesOf(stored).toString('base64') }
  if (plainDigests.includes(text(algorithm)))
    return { scheme: 'digest', digest: algorithm, ...parts, salt_at: salted.position === 'suffix' ? 'after' : 'before' }
  if (algorithm === 'scrypt' && bytesOf(stored).length === Number(keylen ?? 64))
    return {
      scheme: 'scrypt',
      n: Math.log2(Number(cost ?? 16384)),
      r: Number(blockSize ?? 8),
      p: Number(parallelization ?? 1),
      ...parts,
    }
  throw new LineError(`custom_password_hash: the algorithm ${text(algorithm)} is not known in this form`)
}
