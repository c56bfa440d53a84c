// Answers of pages as responses, with their headers and cookies.
import type { ServerSealer } from '../crypto/server-sealer.ts'
import type { Cookies } from './cookies.ts'
import type { PageCtx, PageReply } from './page.ts'
import { leaveNotice } from './page-context.ts'
import { commonPageHeaders, contentPolicy } from './page-headers.ts'
import type { Asset, Assets } from './parts/assets.ts'
import { layout } from './parts/layout.ts'

interface Rendering {
  assets: Assets
  sealer: ServerSealer
  method: string
}

/** Seconds to wait where the API told none. */
const usualWait = '60'

/** A reply as a response; a HEAD request gets no body. */
export async function renderPage(
  { ctx, cookies, waits }: { ctx: PageCtx; cookies: Cookies; waits: () => string | null },
  reply: PageReply,
  { assets, sealer, method }: Rendering,
): Promise<Response> {
  const headers = new Headers(commonPageHeaders)
  const status = 'status' in reply ? (reply.status ?? 200) : 200
  // Whoever is refused for coming too often is told when to come again (security rule 3).
  if (status === 429) headers.set('retry-after', waits() ?? usualWait)
  let body: string | Uint8Array | ReadableStream | null = null
  if (reply.kind === 'view') {
    body = String(await layout(ctx, reply, assets))
    headers.set('content-type', 'text/html; charset=utf-8')
    headers.set('content-security-policy', contentPolicy(ctx.config, reply))
    // A page to sign in may stand in a window that an application opened and waits for; no other page may.
    if (reply.layout !== 'card') headers.set('cross-origin-opener-policy', 'same-origin')
    if (reply.goes_to !== undefined) headers.set('refresh', `0; url=${asciiAddress(reply.goes_to)}`)
    if (reply.retry_after !== undefined) headers.set('retry-after', String(reply.retry_after))
    // Shown once.
    if (ctx.notice) cookies.set('notice', '', 0)
  } else if (reply.kind === 'data') {
    body = JSON.stringify(reply.data)
    headers.set('content-type', 'application/json')
  } else if (reply.kind === 'file') {
    body = reply.content
    headers.set('content-type', reply.content_type)
    for (const [name, value] of Object.entries(reply.headers ?? {})) headers.set(name, value)
  } else {
    if (reply.kind === 'redirect' && reply.notice) leaveNotice(cookies, sealer, reply.notice)
    headers.set('location', reply.kind === 'redirect' ? ctx.address(reply.path) : asciiAddress(reply.address))
  }
  for (const line of cookies.lines()) headers.append('set-cookie', line)
  const isAway = reply.kind === 'redirect' || reply.kind === 'leave'
  return new Response(method === 'HEAD' ? null : (body as ConstructorParameters<typeof Response>[0]), {
    status: isAway ? 303 : status,
    headers,
  })
}

/** An address in the characters that a header can hold (RFC 3986 §2.5). */
const asciiAddress = (address: string): string => address.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent)

/** A file whose name has the hash of its content: browsers keep it for a year. */
export function renderAsset(asset: Asset | null): Response {
  const headers = { ...commonPageHeaders, 'content-type': asset?.content_type ?? 'text/plain' }
  if (!asset) return new Response('not found\n', { status: 404, headers })
  return new Response(asset.content, {
    headers: { ...headers, 'cache-control': 'public, max-age=31536000, immutable' },
  })
}
