// Where nothing runs at the application's address, a browser that is sent there gets a page of ours instead.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { absentSitePage } from './absent-site-page.ts'
import { isForeign } from './is-foreign.ts'

const path = '/__site'
const wait_ms = 500

/** Stands in for the application. */
export interface AbsentSite {
  /** Answers requests for the page; null for all others. */
  handle(request: Request): Response | null
  /** The answer, or one that leads to the page, where it sends a browser to a site that is not there. */
  instead(request: Request, answer: Response): Promise<Response>
}

/** @param site_url the application's address; sites on loopback may be absent too */
export function createAbsentSite({ site_url, own_url }: { site_url: string; own_url: string }): AbsentSite {
  const isSite = (url: URL): boolean =>
    /^https?:$/.test(url.protocol) &&
    url.origin !== new URL(own_url).origin &&
    (url.origin === originOf(site_url) || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname))
  return {
    handle(request) {
      const url = new URL(request.url)
      if (url.pathname !== path) return null
      const at = url.searchParams.get('at') ?? ''
      // The page links to the address: it must be one that the server itself would send a browser to.
      if (isForeign(request) || !URL.canParse(at) || !isSite(new URL(at))) return new Response('', { status: 404 })
      return showPage(at)
    },
    async instead(request, answer) {
      const location = answer.headers.get('location') ?? ''
      if (answer.status < 301 || answer.status > 308 || !isVisit(request) || !URL.canParse(location)) return answer
      const target = new URL(location)
      if (!isSite(target) || (await answers(target))) return answer
      const { hash } = target
      target.hash = ''
      const headers = new Headers(answer.headers)
      headers.set('location', `${path}?at=${encodeURIComponent(target.href)}${hash}`)
      return new Response(null, { status: answer.status, headers })
    },
  }
}

const originOf = (address: string): string | null => (URL.canParse(address) ? new URL(address).origin : null)

/** Programs get the address as it is: they read it, and never open it. */
const isVisit = ({ headers }: Request): boolean =>
  headers.get('sec-fetch-mode') === 'navigate' && headers.get('sec-fetch-dest') === 'document'

/** Whether something listens; true also where that cannot be told in time. */
function answers({ hostname, port, protocol }: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (protocol === 'https:' ? 443 : 80)),
      timeout: wait_ms,
    })
    const settle = (found: boolean) => {
      socket.destroy()
      resolve(found)
    }
    socket.once('connect', () => settle(true))
    socket.once('timeout', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function showPage(at: string): Response {
  const nonce = randomBytes(16).toString('base64')
  return new Response(absentSitePage(at, nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  })
}
