// X.509 certificates (RFC 5280) that only carry a key: made from the key alone, so that they come out the same byte for byte.
import { createPublicKey, type KeyObject, sign } from 'node:crypto'

/** What a certificate says; nobody checks more than its key. */
export interface CertificateFacts {
  common_name: string
  dns_name: string
  /** Whether the key decrypts as well as signs. */
  encrypts: boolean
}

const tag = { boolean: 1, integer: 2, bits: 3, octets: 4, null: 5, oid: 6, utf8: 12, printable: 19, utc: 23, time: 24 }
const sequence = 0x30
const set = 0x31

/** One value in DER (X.690 §8.1). */
function der(type: number, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  const { length } = content
  if (length < 128) return Buffer.concat([Buffer.from([type, length]), content])
  const digits = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([type, 0x80 | digits.length]), digits, content])
}

const oid = (hex: string) => der(tag.oid, Buffer.from(hex, 'hex'))
const sha256WithRsa = der(sequence, oid('2a864886f70d01010b'), der(tag.null))
const always = der(tag.boolean, Buffer.from([0xff]))

/** Years that two digits cannot tell take the longer form (RFC 5280 §4.1.2.5). */
const validity = der(sequence, der(tag.utc, '700101000000Z'), der(tag.time, '21700101000000Z'))

const isPrintable = (text: string): boolean => /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text)

const nameOf = (common_name: string): Buffer =>
  der(
    sequence,
    der(set, der(sequence, oid('550403'), der(isPrintable(common_name) ? tag.printable : tag.utf8, common_name))),
  )

/** digitalSignature, and dataEncipherment (§4.2.1.3); the first byte counts the bits that are left over. */
const keyUsage = (encrypts: boolean): Buffer => der(tag.bits, Buffer.from(encrypts ? [4, 0x90] : [7, 0x80]))

/** The certificate of an RSA key, signed with it, as DER: serial number 0, from 1970 to 2170. */
export function selfSignedCertificate(key: KeyObject, { common_name, dns_name, encrypts }: CertificateFacts): Buffer {
  const name = nameOf(common_name)
  const extensions = der(
    sequence,
    der(sequence, oid('551d0f'), always, der(tag.octets, keyUsage(encrypts))),
    der(sequence, oid('551d11'), der(tag.octets, der(sequence, der(0x82, dns_name)))),
  )
  const signed = der(
    sequence,
    der(0xa0, der(tag.integer, Buffer.from([2]))),
    der(tag.integer, Buffer.from([0])),
    sha256WithRsa,
    name,
    validity,
    name,
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = sign('sha256', signed, key)
  return der(sequence, signed, sha256WithRsa, der(tag.bits, Buffer.from([0]), signature))
}
