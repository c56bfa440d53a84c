// Files sealed with a passphrase: lines of text, each AES-256-GCM under a key of scrypt (RFC 7914), in an order that is fixed.
import { randomBytes, scrypt } from 'node:crypto'
import { decryptText, encryptText, nonceLength } from './aes-gcm.ts'

/** How the key is made of the passphrase; the first line of a sealed file is this as JSON. */
export interface PassphraseHeader {
  postern_sealed: 1
  /** Base 2 logarithm of scrypt's N. */
  n: number
  r: number
  p: number
  /** base64 */
  salt: string
}

const limits = { n: 18, r: 8, p: 4 }

/** A header with a new salt. */
export const newPassphraseHeader = (): PassphraseHeader => ({
  postern_sealed: 1,
  n: 17,
  r: 8,
  p: 1,
  salt: randomBytes(16).toString('base64'),
})

/** The header of a line; null for any other text. @throws Error for one that would cost too much */
export function readPassphraseHeader(line: string): PassphraseHeader | null {
  if (!line.startsWith('{"postern_sealed":1,')) return null
  const header: PassphraseHeader = JSON.parse(line)
  const { n, r, p } = header
  if (![n, r, p].every((value) => Number.isInteger(value) && value > 0) || n > limits.n || r > limits.r || p > limits.p)
    throw new Error('the sealed file asks for more work than is sensible')
  return header
}

/** Seals or opens the lines of a file one after the other; `is_last` marks the end, so that nothing can be cut off. */
export interface PassphraseSealer {
  seal(text: string, is_last: boolean): string
  /** @throws Error for a wrong passphrase, or a line that was changed, moved or is not the last */
  open(line: string): { text: string; is_last: boolean }
}

/** Makes the sealer of a file; takes about half a second. */
export async function createPassphraseSealer(passphrase: string, header: PassphraseHeader): Promise<PassphraseSealer> {
  const { n, r, p, salt } = header
  const N = 2 ** n
  const options = { N, r, p, maxmem: 128 * r * (N + p + 2) + 1024 }
  const key = await new Promise<Buffer>((resolve, reject) => {
    const text = passphrase.normalize('NFKC')
    scrypt(text, Buffer.from(salt, 'base64'), 32, options, (error, made) => (error ? reject(error) : resolve(made)))
  })
  let number = 0
  // The number of a line is its nonce: a file has a key of its own, by its salt.
  const nextNonce = () => {
    const nonce = Buffer.alloc(nonceLength)
    nonce.writeUIntBE(number++, 6, 6)
    return nonce
  }
  const boundTo = (is_last: boolean) => `${JSON.stringify(header)}${is_last ? ' end' : ''}`
  return {
    seal(text, is_last) {
      const { data } = encryptText(key, text, { nonce: nextNonce(), bound_to: boundTo(is_last) })
      return `${is_last ? '.' : ''}${data.toString('base64')}`
    },
    open(line) {
      const is_last = line.startsWith('.')
      const data = Buffer.from(line.slice(is_last ? 1 : 0), 'base64')
      try {
        return { text: decryptText(key, { nonce: nextNonce(), data }, boundTo(is_last)), is_last }
      } catch {
        throw new Error('the passphrase is wrong, or the file was changed')
      }
    },
  }
}
