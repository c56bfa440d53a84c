// The page before a link does anything, whose button a person has to press.
import { createHash } from 'node:crypto'
import { escapeHtml } from '../../../escape-html.ts'
import type { Reply } from '../../../reply.ts'

const style = `:root{color-scheme:light dark}body{margin:0;min-height:100dvh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif;background:light-dark(#f6f7f9,#101318);color:light-dark(#1b1f27,#e8eaee)}main{width:min(24rem,calc(100vw - 3rem));padding:2rem;text-align:center;background:light-dark(#fff,#181b21);border:1px solid light-dark(#e3e5ea,#2c313a);border-radius:1rem}h1{margin:0 0 .5rem;font-size:1.3rem}p{margin:0 0 1.5rem;overflow-wrap:anywhere;color:light-dark(#667085,#98a2b3)}button{font:inherit;font-weight:600;width:100%;padding:.7rem;border:0;border-radius:.6rem;background:#0b6e4f;color:#fff;cursor:pointer}button:hover{background:#095a41}.away{margin:1rem 0 0}a{color:inherit}:focus-visible{outline:3px solid #4cc49a;outline-offset:2px}`

/** What a page asks. */
export interface Question {
  title: string
  /** Sentences of text. */
  text: readonly string[]
  /** Where the button posts the fields. */
  action: string
  fields: Record<string, string>
  /** Where somebody goes who does not agree. */
  decline?: string
  /** Whether the browser sends the form by itself, where it runs scripts; the button is for others. */
  at_once?: boolean
}

/** The one script, by whose hash the policy lets it run (CSP Level 3 §2.3). */
const submit = 'document.forms[0].submit()'
const submitHash = createHash('sha256').update(submit).digest('base64')

/** A page whose button posts the fields; it runs no other script, loads nothing and tells no other page of the address. */
export function confirmPage({ title, text, action, fields, decline, at_once }: Question): Reply {
  const sentences = text.map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('')
  const away = decline === undefined ? '' : `<p class="away"><a href="${escapeHtml(decline)}">No, go back</a></p>`
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return {
    status: 200,
    content_type: 'text/html; charset=utf-8',
    text: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>${sentences}
<form method="post" action="${escapeHtml(action)}">${inputs.join('')}<button>${title}</button></form>${away}</main>${at_once ? `<script>${submit}</script>` : ''}</body></html>
`,
    headers: {
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'${at_once ? `; script-src 'sha256-${submitHash}'` : ''}`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex',
    },
  }
}
