// The HTTP side of the development inbox: its page and its JSON, for programs of this machine only.
import { randomBytes } from 'node:crypto'
import type { InboxEntry } from './inbox-entry.ts'
import { inboxPage } from './inbox-page.ts'
import { isForeign } from './is-foreign.ts'

const path = '/__inbox'

/** Answers requests below /__inbox, null for all others; DELETE empties the list that is given. */
export function answerInbox(request: Request, entries: InboxEntry[]): Response | null {
  const url = new URL(request.url)
  if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) return null
  if (isForeign(request)) return json({ error: 'the inbox answers only pages and programs of this machine' }, 403)
  const { method } = request
  const rest = url.pathname.slice(path.length).replace(/\/$/, '')
  if (rest === '' && method === 'GET') return page()
  if (rest === '/api/mails' && method === 'GET') return json(list(entries, url.searchParams))
  if (rest === '/api/mails' && method === 'DELETE') {
    entries.length = 0
    return json({})
  }
  const id = /^\/api\/mails\/([\w-]+)$/.exec(rest)?.[1]
  const at = entries.findIndex((entry) => entry.id === id)
  if (at < 0) return json({ error: id === undefined ? 'there is no such page' : 'there is no such mail' }, 404)
  if (method === 'GET') return json(entries[at])
  if (method !== 'DELETE') return json({ error: 'only GET and DELETE are possible' }, 405)
  entries.splice(at, 1)
  return json({})
}

/** `to` chooses a recipient; with `summary` what the mails say is left out. */
function list(entries: InboxEntry[], query: URLSearchParams): Partial<InboxEntry>[] {
  const to = query.get('to')?.toLowerCase()
  const chosen = entries.filter((entry) => to === undefined || entry.to.some((address) => address.toLowerCase() === to))
  return query.has('summary') ? chosen.map(({ html: _html, text: _text, ...summary }) => summary) : chosen
}

const safe = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...safe } })

function page(): Response {
  const nonce = randomBytes(16).toString('base64')
  // The frame of a mail inherits this policy: it runs nothing and fetches nothing.
  const policy = {
    'default-src': `'none'`,
    'style-src': `'unsafe-inline'`,
    'script-src': `'nonce-${nonce}'`,
    'connect-src': `'self'`,
    'img-src': 'data:',
    'base-uri': `'none'`,
    'form-action': `'none'`,
    'frame-ancestors': `'none'`,
  }
  const csp = Object.entries(policy)
    .map((rule) => rule.join(' '))
    .join('; ')
  return new Response(inboxPage(nonce), {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': csp, ...safe },
  })
}
