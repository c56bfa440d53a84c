// The page before a link does anything: mail scanners open links, but they press no buttons.
import { escapeHtml } from '../../../escape-html.ts'
import type { Reply } from '../../../reply.ts'

const titles: Record<string, string> = {
  signup: 'Confirm your email address',
  invite: 'Accept the invitation',
  recovery: 'Reset your password',
  magiclink: 'Sign in',
  email: 'Sign in',
  email_change: 'Confirm the change of address',
}

const style = `:root{color-scheme:light dark}body{margin:0;min-height:100dvh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif;background:light-dark(#f6f7f9,#101318);color:light-dark(#1b1f27,#e8eaee)}main{width:min(24rem,calc(100vw - 3rem));padding:2rem;text-align:center;background:light-dark(#fff,#181b21);border:1px solid light-dark(#e3e5ea,#2c313a);border-radius:1rem}h1{margin:0 0 .5rem;font-size:1.3rem}p{margin:0 0 1.5rem;color:light-dark(#667085,#98a2b3)}button{font:inherit;font-weight:600;width:100%;padding:.7rem;border:0;border-radius:.6rem;background:#0b6e4f;color:#fff;cursor:pointer}button:hover{background:#095a41}:focus-visible{outline:3px solid #4cc49a;outline-offset:2px}`

/** A page whose button posts the token; it runs no script, loads nothing and tells no other page of the address. */
export function confirmPage(action: string, fields: { token: string; type: string; redirect_to: string }): Reply {
  const title = titles[fields.type] ?? 'Continue'
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return {
    status: 200,
    content_type: 'text/html; charset=utf-8',
    text: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1><p>Press the button to go on.</p>
<form method="post" action="${escapeHtml(action)}">${inputs.join('')}<button>${title}</button></form></main></body></html>
`,
    headers: {
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    },
  }
}
