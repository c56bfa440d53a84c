// GET /sso/saml/metadata: what identity providers read to connect this server.
import type { Ctx } from '../../context.ts'
import { serviceMetadata } from '../../providers/saml/service-provider.ts'
import type { Reply } from '../../reply.ts'
import { requireSaml } from './saml-provider.ts'

/** Answers with XML; `download=true` makes it a file to keep. */
export function ssoMetadata(ctx: Ctx): Reply {
  const provider = requireSaml(ctx)
  const is_file = ctx.query.get('download') === 'true'
  return {
    status: 200,
    content_type: 'application/xml',
    text: serviceMetadata(provider, ctx.now(), is_file),
    headers: {
      // While a key waits to take over, everybody should hear of it soon.
      'cache-control': `public, max-age=${provider.next_certificate ? 60 : 600}`,
      ...(is_file && { 'content-disposition': 'attachment; filename="metadata.xml"' }),
    },
  }
}
