// GET /openapi.json: the description of the API, for viewers and generators of clients; only postern dev has it.
import type { Config } from '../config/keys.ts'

/** The document, with the address of this server; null for other requests. It is made when it is asked for. */
export async function describeApi(request: Request, { api_external_url }: Config): Promise<Response | null> {
  const base = new URL(api_external_url).pathname.replace(/\/$/, '')
  const { pathname } = new URL(request.url)
  if (request.method !== 'GET' || !['/openapi.json', `${base}/openapi.json`].includes(pathname)) return null
  const { openApiText } = await import('../http/openapi/open-api-text.ts')
  return new Response(openApiText(api_external_url), {
    headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' },
  })
}
