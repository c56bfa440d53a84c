// The front door of `postern dev`: whoever opens the server's address in a browser reads what is behind it.
import type { Config } from '../config/keys.ts'
import { pageAddress } from '../config/pages-address.ts'
import { escapeHtml } from '../escape-html.ts'
import { isForeign } from './is-foreign.ts'
import { devHost } from './variables.ts'

const style = `
:root { color-scheme: light dark; --page: light-dark(#f5f6f8, #0f1216); --card: light-dark(#fff, #171b21); --line: light-dark(#dfe3e8, #2a303a); --text: light-dark(#171b21, #e7eaee); --dim: light-dark(#5b6675, #9aa5b4); --accent: light-dark(#0b6b4e, #55cda4) }
* { box-sizing: border-box }
body { margin: 0; padding: 2.5rem 1.25rem; font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page) }
main { width: min(44rem, 100%); margin: 0 auto; padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .9rem }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25 }
p { margin: .4rem 0 1.25rem; color: var(--dim) }
dl { display: grid; gap: 1rem; margin: 0 }
dt { font-weight: 600 }
dd { margin: 0; color: var(--dim); overflow-wrap: anywhere }
code { font: .9em/1.5 ui-monospace, monospace }
a { color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`

/** A page with the ways on, for the visit of a browser to `/` or to the bare base of the API; null for everybody else. */
export function welcome(request: Request, config: Config): Response | null {
  const { pathname } = new URL(request.url)
  const isDoor = pathname === '/' || pathname.replace(/\/$/, '') === config.base_path.replace(/\/$/, '')
  if (request.method !== 'GET' || !isDoor || isForeign(request)) return null
  // Programs get the answer of every server, which has nothing there.
  if (!(request.headers.get('accept') ?? '').includes('text/html')) return null
  return new Response(page(config), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  })
}

/** What is behind the door; a link that opens the console is for the shell alone. */
function page(config: Config): string {
  const ways: [boolean, string, string, string][] = [
    [true, '/__inbox', 'Inbox', 'every mail and text message that this server sends'],
    [config.pages, pageAddress(config, '/pages/sign-in'), 'Sign in', 'the pages on which people sign up and in'],
    [config.pages, pageAddress(config, '/pages/account'), 'Account', 'where people manage what is theirs'],
    [
      config.console,
      pageAddress(config, '/console'),
      'Console',
      'for operators; the link that <code>postern dev</code> printed opens it, <code>postern admin console</code> prints another',
    ],
    [true, '/openapi.json', 'API', 'all routes, as OpenAPI; README.md and docs/ tell the rest'],
  ]
  const rows = ways.flatMap(([isThere, address, name, about]) =>
    isThere ? [`<div><dt><a href="${escapeHtml(address)}">${name}</a></dt><dd>${about}</dd></div>`] : [],
  )
  const client = `createClient('http://${devHost}:${config.api_port}', '&lt;the anon key&gt;')`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Postern is running</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Postern is running</h1>
<p>This is a server for development, on this machine only.</p>
<dl>
${rows.join('\n')}
<div><dt>For an application</dt><dd><code>${client}</code>; the key is printed at the start</dd></div>
</dl>
</main>
</body>
</html>
`
}
