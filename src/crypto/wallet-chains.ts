// The chains whose wallets sign in: how a signature is written, and who made it.
import { createPublicKey, verify } from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { base58 } from '@scure/base'
import type { MessageForm, WalletMessage } from './wallet-message.ts'

/** A chain whose wallets can sign in. */
export interface Chain {
  form: MessageForm
  /** Why a text is no signature, or null when it has the form of one. */
  signatureProblem(text: string): string | null
  /** Whether the wallet that a message names has signed its text. */
  isSignedBy(text: string, message: WalletMessage, signature: string): boolean
  /** Every way in which wallets and applications write an address; one for chains where letters count. */
  spellings(address: string): string[]
}

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8')

/** The 32 bytes of DER before a raw Ed25519 public key (RFC 8410 §4). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** The envelope in which hardware wallets of Solana sign a message. */
function offchainEnvelope(text: string, domain: string, public_key: Uint8Array): Buffer {
  const paddedDomain = Buffer.alloc(32)
  bytes(domain).copy(paddedDomain)
  const length = Buffer.alloc(2)
  length.writeUInt16LE(bytes(text).length)
  const head = Buffer.concat([Buffer.from([0xff]), bytes('solana offchain'), Buffer.from([0])])
  return Buffer.concat([head, paddedDomain, Buffer.from([0, 1]), public_key, length, bytes(text)])
}

const solana: Chain = {
  form: {
    name: 'siws',
    title: 'Solana',
    address: /^[a-zA-Z0-9]{32,44}$/,
    bad_address: 'wallet address is not in base58 format',
    isNetwork: (text) => text === '' || /^solana:(main|dev|test|local)net$/.test(text),
  },
  signatureProblem(text) {
    if (text.length !== 86 && text.length !== 88)
      return 'signature must be 64 bytes encoded as base64 with or without padding'
    return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? null : 'signature does not contain valid base64 characters'
  },
  isSignedBy(text, { address, domain }, signature) {
    const raw = decodeBase58(address)
    if (raw?.length !== 32) return false
    const key = createPublicKey({ key: Buffer.concat([ed25519Prefix, raw]), format: 'der', type: 'spki' })
    const signed = Buffer.from(signature.replaceAll('+', '-').replaceAll('/', '_'), 'base64url')
    return verify(null, bytes(text), key, signed) || verify(null, offchainEnvelope(text, domain, raw), key, signed)
  },
  spellings: (address) => [address],
}

function decodeBase58(text: string): Uint8Array | null {
  try {
    return base58.decode(text)
  } catch {
    return null
  }
}

const ethereum: Chain = {
  form: {
    name: 'siwe',
    title: 'Ethereum',
    address: /^0x[a-fA-F0-9]{40}$/,
    bad_address: 'wallet address is not a valid Ethereum address',
    isNetwork: (text) => /^\+?\d{1,18}$/.test(text) && Number(text) > 0,
  },
  signatureProblem: (text) =>
    text.replace(/^0x/, '').length === 130
      ? null
      : 'signature must be 65 bytes long, encoded as a 130 character-long hexadecimal string',
  isSignedBy: (text, { address }, signature) => recoverAddress(text, signature) === address.toLowerCase(),
  spellings(address) {
    const digits = address.slice(2).toLowerCase()
    return [...new Set([address, `0x${digits}`, `0x${digits.toUpperCase()}`, withChecksum(digits)])]
  },
}

/** The address whose key made a personal signature (EIP-191), in lower case; null for what is no signature. */
function recoverAddress(text: string, signature: string): string | null {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return null
  const raw = Buffer.from(signature.slice(2), 'hex')
  const last = raw[64] ?? 0
  const recovery = last >= 27 ? last - 27 : last
  const body = bytes(text)
  const digest = keccak_256(Buffer.concat([bytes(`\x19Ethereum Signed Message:\n${body.length}`), body]))
  try {
    const found = secp256k1.Signature.fromBytes(raw.subarray(0, 64), 'compact').addRecoveryBit(recovery)
    const point = found.recoverPublicKey(digest).toBytes(false)
    return `0x${Buffer.from(keccak_256(point.subarray(1)).subarray(12)).toString('hex')}`
  } catch {
    return null
  }
}

/** The spelling whose capitals are a checksum (EIP-55). */
function withChecksum(digits: string): string {
  const digest = Buffer.from(keccak_256(bytes(digits))).toString('hex')
  return `0x${Array.from(digits, (digit, place) => (Number.parseInt(digest[place] ?? '0', 16) > 7 ? digit.toUpperCase() : digit)).join('')}`
}

/** The chains by the name that requests give them. */
export const chains = { ethereum, solana } as const

/** The name of a chain in requests. */
export type ChainName = keyof typeof chains
