// POST /token?grant_type=web3: signs in with a message that a wallet has signed.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { pagesOrigin } from '../config/pages-address.ts'
import type { Ctx } from '../context.ts'
import { type Chain, type ChainName, chains } from '../crypto/wallet-chains.ts'
import { readWalletMessage, type WalletMessage, WalletMessageError } from '../crypto/wallet-message.ts'
import { AuthError, invalid, OAuthError } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { findIdentityBySpelling } from '../storage/identities.ts'
import { isAllowedReturn } from './steps/answers/allowed-redirect.ts'
import { personOf } from './steps/external/decide-linking.ts'
import { enterExternally } from './steps/external/enter-externally.ts'
import { signInAtOnce } from './steps/external/sign-in-at-once.ts'
import { audit } from './steps/records/audit.ts'
import { text } from './steps/requests/fields.ts'
import type { Tx } from './steps/transact.ts'

export const walletBody = z.object({ message: text, signature: text, chain: text })

type Body = z.infer<typeof walletBody>

const refused = (description: string): OAuthError => new OAuthError('invalid_grant', description)

/**
 * Answers with a session; a message opens one session only.
 * @throws AuthError 422 web3_provider_disabled; 400 web3_unsupported_chain, validation_failed; OAuthError invalid_grant
 */
export async function signInWithWallet(ctx: Ctx, body: Body): Promise<Reply> {
  const name = chainOf(ctx, body.chain)
  const chain = chains[name]
  const message = await readSigned(ctx, name, body)
  const validity_ms = ctx.config[`external_web3_${name}_maximum_validity_duration`]
  checkPlace(ctx, chain, message)
  checkTimes(ctx, chain, message, validity_ms)
  const { address, network, domain, statement, uri } = message
  const claims = { custom_claims: { address, chain: name, network, domain, statement }, sub: `web3:${name}:${address}` }
  const person = personOf('web3', { claims, emails: [] })
  const shown = {
    method: 'web3' as const,
    // The message and not its signature, which can be written in several ways.
    hash: createHash('sha256').update(`web3:${name}:${body.message}`).digest('hex'),
    expires_s: (message.issued_ms + validity_ms) / 1000 + 1,
    used: () => refused('Signed message has been used already'),
  }
  return signInAtOnce(ctx, shown, async (tx: Tx) => {
    const known = await findIdentityBySpelling(tx, 'web3', spellingsOf(chain, name, address))
    const sub = known?.provider_id ?? person.sub
    const spelled = { ...person, sub, identity_data: { ...person.identity_data, sub } }
    const entered = await enterExternally(ctx, tx, spelled, { email_optional: true })
    await audit(ctx, tx, entered.user, 'login', { provider: 'web3', chain: name, network, address, domain, uri })
    return entered
  })
}

const spellingsOf = (chain: Chain, name: string, address: string): string[] =>
  chain.spellings(address).map((spelling) => `web3:${name}:${spelling}`)

/** @throws AuthError 422 web3_provider_disabled, before anything of the body is looked at */
export function requireWallets({ config }: Ctx): void {
  if (!config.external_web3_ethereum_enabled && !config.external_web3_solana_enabled)
    throw disabled('Web3 provider is disabled')
}

const disabled = (sentence: string): AuthError => new AuthError(422, 'web3_provider_disabled', sentence)

function chainOf({ config }: Ctx, name: string): ChainName {
  if (name !== 'ethereum' && name !== 'solana') throw new AuthError(400, 'web3_unsupported_chain', 'Unsupported chain')
  if (!config[`external_web3_${name}_enabled`]) throw disabled(`${chains[name].form.title} Web3 provider is disabled`)
  return name
}

/** The message, once it is seen that the wallet that it names has signed it. */
async function readSigned(ctx: Ctx, name: ChainName, body: Body): Promise<WalletMessage> {
  const chain = chains[name]
  const size = Buffer.byteLength(body.message)
  if (size < 64) throw invalid('message is too short')
  if (size > 20 * 1024) throw invalid('message must not exceed 20KB')
  const problem = chain.signatureProblem(body.signature)
  if (problem !== null) throw invalid(problem)
  const message = parse(chain, body.message)
  if (!(await ctx.proof_thread.checkWallet(name, body.message, message, body.signature)))
    throw refused('Signature does not match address in message')
  return message
}

function parse(chain: Chain, text: string): WalletMessage {
  try {
    return readWalletMessage(text, chain.form)
  } catch (error) {
    if (error instanceof WalletMessageError) throw invalid(error.message)
    throw error
  }
}

/** A message counts only where the person signed in: an allowed address over HTTPS, of the domain that it names. */
function checkPlace({ config }: Ctx, { form }: Chain, { uri, domain }: WalletMessage): void {
  const using = `Signed ${form.title} message is using`
  const url = URL.canParse(uri) ? new URL(uri) : null
  const isLocal = url?.hostname === 'localhost'
  const isAllowed = (address: string) => isAllowedReturn(address, config)
  const isOfPages = config.pages && domain === new URL(pagesOrigin(config)).host
  if (url?.protocol !== 'https:' && !isLocal) throw refused(`${using} URI which does not use HTTPS`)
  if (!isAllowed(uri))
    throw refused(`${using} URI which is not allowed on this server, message was signed for another app`)
  const [, authority = ''] = /^[^:]+:\/\/([^/?#]*)/.exec(uri) ?? []
  // Wallets compare the domain with the site that asks, and nothing else: on this machine too it must be that of the address.
  if (authority !== domain || (!isLocal && !isOfPages && !isAllowed(`https://${domain}/`)))
    throw refused(`${using} a Domain that does not match the one in URI which is not allowed on this server`)
}

/** Every time that a message tells is looked at, whichever of the others are absent. */
function checkTimes(ctx: Ctx, { form }: Chain, message: WalletMessage, validity_ms: number): void {
  const now = ctx.now()
  const { issued_ms, not_before_ms, expires_ms } = message
  if (not_before_ms !== null && now < not_before_ms)
    throw refused(`Signed ${form.title} message becomes valid in the future`)
  if (expires_ms !== null && now > expires_ms) throw refused(`Signed ${form.title} message is expired`)
  if (now > issued_ms + validity_ms) throw refused(`${form.title} message was issued too long ago`)
  if (now < issued_ms - validity_ms) throw refused(`${form.title} message was issued too far in the future`)
}
