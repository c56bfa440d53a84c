// The page that stands for an application which is not running: who is signed in, what the tokens say, what to do next.
import { escapeHtml } from '../escape-html.ts'

const style = `
:root { color-scheme: light dark; --page: light-dark(#f5f6f8, #0f1216); --card: light-dark(#fff, #171b21); --line: light-dark(#dfe3e8, #2a303a); --text: light-dark(#171b21, #e7eaee); --dim: light-dark(#5b6675, #9aa5b4); --accent: light-dark(#0b6b4e, #55cda4); --bad: light-dark(#a3261c, #ff9d91) }
* { box-sizing: border-box }
body { margin: 0; padding: 2.5rem 1.25rem; font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--page) }
main { width: min(44rem, 100%); margin: 0 auto; display: grid; gap: 1.25rem }
section { padding: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: .9rem; min-width: 0 }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere }
h2 { margin: 0 0 .75rem; font-size: 1.05rem }
p { margin: .4rem 0 0; color: var(--dim); overflow-wrap: anywhere }
h1.bad { color: var(--bad) }
table { width: 100%; border-collapse: collapse; font-size: .92rem }
th, td { padding: .4rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: anywhere }
tr:first-child > * { border-top: 0 }
th { width: 10rem; padding-right: 1rem; font-weight: 500; color: var(--dim) }
code, pre { font: .9em/1.5 ui-monospace, monospace }
pre { margin: .75rem 0 0; padding: .9rem 1rem; overflow: auto; background: var(--page); border: 1px solid var(--line); border-radius: .6rem }
ol { margin: 0; padding-left: 1.2rem; display: grid; gap: .5rem }
a { color: var(--accent); overflow-wrap: anywhere }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
[hidden] { display: none }
`

const script = `
const part = (id) => document.getElementById(id)
const answer = new URLSearchParams(location.hash.slice(1))
const site = part('site')
const asked = new URL(site.href).searchParams
const say = (title, text) => { part('title').textContent = title; part('about').textContent = text; document.title = title }
site.href += location.hash

function claimsOf(token) {
  const bytes = Uint8Array.from(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes))
}
function shown(name, value) {
  if (['exp', 'iat', 'nbf'].includes(name) && Number.isFinite(value)) return value + ' (' + new Date(value * 1000).toLocaleString() + ')'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
function addRows(claims) {
  for (const [name, value] of Object.entries(claims)) {
    const row = part('claims').insertRow()
    const head = row.appendChild(document.createElement('th'))
    head.scope = 'row'
    head.textContent = name
    row.insertCell().textContent = shown(name, value)
  }
  part('tokens').hidden = false
}
const failure = answer.get('error_description') ?? asked.get('error_description') ?? answer.get('error') ?? asked.get('error')
if (failure !== null) {
  say('That did not work', failure)
  part('title').className = 'bad'
} else if (answer.has('access_token')) {
  try {
    const claims = claimsOf(answer.get('access_token'))
    say('Signed in as ' + (claims.email || (claims.phone && '+' + claims.phone) || claims.sub), 'The application would have got a session that begins now' + (answer.get('type') ? ' (' + answer.get('type') + ')' : '') + '.')
    addRows(claims)
  } catch { say('Signed in', 'The access token cannot be shown.') }
} else if (asked.has('code')) {
  say('Almost signed in', 'The application would exchange the code for a session: supabase.auth.exchangeCodeForSession(code), in the browser that began.')
} else if (answer.has('message')) say('One more step', answer.get('message'))
`

/** The whole page for the address `at`, at which nothing listens; its script carries the nonce of the policy. */
export const absentSitePage = (at: string, nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your application is not running</title>
<style>${style}</style>
</head>
<body>
<main>
<section><h1 id="title">Your application is not running</h1><p id="about">The server has done its part and sent the browser on.</p></section>
<section id="tokens" hidden><h2>What the access token says</h2><table><tbody id="claims"></tbody></table></section>
<section>
<h2>What to do next</h2>
<ol>
<li>Nothing answers at <code>${escapeHtml(new URL(at).origin)}</code>. Start your application there, then <a id="site" href="${escapeHtml(at)}">go on to it</a>; the session goes with you.</li>
<li>Does it run elsewhere? Start <code>postern dev</code> with <code>GOTRUE_SITE_URL</code>, or name the address where you call the client:
<pre>await supabase.auth.signInWithOtp({ email, options: { emailRedirectTo: 'http://localhost:5173' } })</pre></li>
<li>Mails and messages are in <a href="/__inbox">the inbox</a>.</li>
</ol>
</section>
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`
