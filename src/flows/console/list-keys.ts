// GET /console/keys: the keys of tokens, what each does, and where a rotation stands.
import type { AdminCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'

/** Answers with every key by name, never with a key. */
export function listKeys({ keys, config }: AdminCtx): Reply {
  const { signing, by_kid, secret, published, valid_methods } = keys
  const isPublished = (kid: string) => published.some((key) => (key.kid ?? '') === kid)
  const rows = Array.from(by_kid, ([kid, { alg }]) => ({
    kid,
    alg,
    signs: kid === signing.kid && signing.alg === alg,
    checks: valid_methods.has(alg),
    published: isPublished(kid),
  }))
  const shared = secret
    ? [
        {
          kid: config.jwt_key_id,
          alg: 'HS256',
          signs: rows.every(({ signs }) => !signs),
          checks: true,
          published: false,
        },
      ]
    : []
  const all = [...rows, ...shared]
  const others = all.filter(({ signs }) => !signs)
  return json({
    keys: all,
    rotation: all.length === 1 ? 'none' : others.some(({ published: is }) => is) ? 'prepared' : 'ending',
    encryption: config.security_db_encryption_encrypt,
    encryption_keys: Object.keys(config.security_db_encryption_decryption_keys),
    encryption_key: config.security_db_encryption_encryption_key_id,
    has_server_key: config.server_key !== '',
  })
}
