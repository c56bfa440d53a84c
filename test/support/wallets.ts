// Wallets that sign in, made by the libraries that wallets use: Ethereum (EIP-191) and Solana (Ed25519).
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { base58 } from '@scure/base'

/** A wallet of one person. */
export interface Wallet {
  chain: 'ethereum' | 'solana'
  address: string
  sign(message: string): string
}

/** A new Ethereum wallet; its address in lower case. */
export function ethereumWallet(): Wallet {
  const { secretKey, publicKey } = secp256k1.keygen()
  const point = secp256k1.Point.fromBytes(publicKey).toBytes(false)
  return {
    chain: 'ethereum',
    address: `0x${Buffer.from(keccak_256(point.subarray(1)).subarray(12)).toString('hex')}`,
    sign(message) {
      const body = Buffer.from(message)
      const digest = keccak_256(Buffer.concat([Buffer.from(`\x19Ethereum Signed Message:\n${body.length}`), body]))
      const made = secp256k1.sign(digest, secretKey, { prehash: false, format: 'recovered' })
      const [recovery = 0] = made
      return `0x${Buffer.from(made.subarray(1)).toString('hex')}${(27 + recovery).toString(16)}`
    },
  }
}

/** A new Solana wallet. */
export function solanaWallet(): Wallet {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  return {
    chain: 'solana',
    address: base58.encode(raw),
    sign: (message) => sign(null, Buffer.from(message), privateKey).toString('base64'),
  }
}

/** What a message says; absent fields leave their line out. */
export interface MessageFields {
  address?: string
  domain?: string
  statement?: string
  uri?: string
  chainId?: string
  nonce?: string
  issuedAt?: Date
  expirationTime?: Date
  notBefore?: Date
}

/** The text that a wallet signs to sign in (EIP-4361). */
export function walletMessage(wallet: Wallet, fields: MessageFields = {}): string {
  const {
    domain = 'app.example',
    address = wallet.address,
    statement = 'Welcome',
    uri = 'https://app.example/in',
  } = fields
  const title = wallet.chain === 'solana' ? 'Solana' : 'Ethereum'
  const lines = [`${domain} wants you to sign in with your ${title} account:`, address, '', statement, '']
  const field = (name: string, value: string | Date | undefined) => {
    if (value !== undefined) lines.push(`${name}: ${value instanceof Date ? value.toISOString() : value}`)
  }
  field('URI', uri)
  field('Version', '1')
  field('Chain ID', fields.chainId)
  field('Nonce', fields.nonce ?? randomBytes(8).toString('hex'))
  field('Issued At', fields.issuedAt ?? new Date())
  field('Expiration Time', fields.expirationTime)
  field('Not Before', fields.notBefore)
  return lines.join('\n')
}
