// GET /.well-known/jwks.json: the public keys that check our tokens (RFC 7517 §5).
import type { Ctx } from '../context.ts'
import { publicJwks } from '../crypto/keys.ts'
import { json, type Reply } from '../reply.ts'

/** Answers with the keys; shared secrets are not among them. */
export const jwks = (ctx: Ctx): Reply => json(publicJwks(ctx.keys), { 'cache-control': 'public, max-age=600' })
