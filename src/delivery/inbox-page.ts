// The page of the development inbox: a list of mails beside the one that is open.

/** The whole page; scripts carry the nonce, and a mail's HTML is shown in a frame without any rights. */
export const inboxPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox · Postern</title>
<style>
:root { color-scheme: light dark; --line: light-dark(#e3e5ea, #2c313a); --soft: light-dark(#f6f7f9, #181b21); --text: light-dark(#1b1f27, #e8eaee); --dim: light-dark(#667085, #98a2b3); --accent: light-dark(#0b6e4f, #4cc49a); --page: light-dark(#fff, #101318) }
* { box-sizing: border-box }
body { margin: 0; height: 100dvh; display: grid; grid-template: auto 1fr / minmax(17rem, 24rem) 1fr; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
header { grid-column: 1 / -1; display: flex; align-items: center; gap: .75rem; padding: .75rem 1.25rem; border-bottom: 1px solid var(--line) }
header h1 { font-size: 1.05rem; margin: 0 } header p { margin: 0; color: var(--dim); flex: 1 }
button { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .3rem .8rem; cursor: pointer }
button:hover { border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
nav { overflow: auto; border-right: 1px solid var(--line) }
nav ul { list-style: none; margin: 0; padding: .5rem }
nav button { display: block; width: 100%; text-align: left; border-color: transparent; background: none; padding: .55rem .75rem; margin-bottom: .15rem }
nav button[aria-current=true] { background: var(--soft); border-color: var(--line) }
nav strong { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
nav small { color: var(--dim); display: flex; justify-content: space-between; gap: 1rem } nav small span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
main { display: flex; flex-direction: column; min-width: 0; padding: 1.25rem; gap: .9rem; overflow: auto }
main h2 { margin: 0; font-size: 1.25rem } dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: .1rem .9rem; color: var(--dim) } dd { margin: 0; color: var(--text); overflow-wrap: anywhere }
.codes code { font-size: 1.4rem; letter-spacing: .12em; padding: .15rem .6rem; background: var(--soft); border: 1px solid var(--line); border-radius: .5rem }
.links { display: flex; flex-direction: column; gap: .25rem } .links a { color: var(--accent); overflow-wrap: anywhere }
iframe { flex: 1; min-height: 18rem; width: 100%; border: 1px solid var(--line); border-radius: .6rem; background: #fff }
.empty { margin: auto; text-align: center; color: var(--dim); max-width: 26rem }
@media (max-width: 44rem) { body { grid-template: auto minmax(8rem, 35dvh) 1fr / 1fr } nav { border-right: 0; border-bottom: 1px solid var(--line) } }
</style>
</head>
<body>
<header><h1>Inbox</h1><p id="count" role="status">Waiting for mail …</p><button id="clear" type="button">Clear</button></header>
<nav aria-label="Mails"><ul id="list"></ul></nav>
<main id="mail"><p class="empty">Every mail and message that this server sends arrives here and nowhere else.</p></main>
<script nonce="${nonce}">
const list = document.getElementById('list'), main = document.getElementById('mail'), count = document.getElementById('count')
let shown = null, seen = ''
const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more)
function show(entry) {
  shown = entry.id
  const facts = document.createElement('dl')
  for (const [name, value] of [['To', entry.to.join(', ')], ['From', entry.from], ['At', new Date(entry.at).toLocaleString()]])
    if (value) facts.append(make('dt', name), make('dd', value))
  const parts = [make('h2', entry.subject), facts]
  if (entry.codes.length) { const codes = make('p', '', { className: 'codes' }); for (const code of entry.codes) codes.append(make('code', code), ' '); parts.push(codes) }
  if (entry.links.length) {
    const links = make('div', '', { className: 'links' })
    for (const link of entry.links) links.append(/^https?:/.test(link) ? make('a', link, { href: link, target: '_blank', rel: 'noreferrer noopener' }) : make('span', link))
    parts.push(links)
  }
  const frame = make('iframe', '', { title: 'Contents of the mail', srcdoc: entry.html || '<pre>' + entry.text.replace(/[&<>]/g, (c) => '&#' + c.charCodeAt(0) + ';') + '</pre>' })
  frame.setAttribute('sandbox', '')
  parts.push(frame)
  main.replaceChildren(...parts)
  for (const button of list.querySelectorAll('button')) button.setAttribute('aria-current', String(button.dataset.id === shown))
}
async function load() {
  const entries = await fetch('/__inbox/api/mails').then((r) => r.json()).catch(() => null)
  if (!entries) { count.textContent = 'The server is not running.'; return }
  const now = entries.map((e) => e.id).join()
  if (now === seen) return
  seen = now
  count.textContent = entries.length === 1 ? '1 mail' : entries.length + ' mails'
  list.replaceChildren(...entries.map((entry) => {
    const button = make('button', '', { type: 'button' })
    button.dataset.id = entry.id
    button.setAttribute('aria-current', String(entry.id === shown))
    const small = make('small', '')
    small.append(make('span', entry.to.join(', ')), make('time', new Date(entry.at).toLocaleTimeString()))
    button.append(make('strong', (entry.channel === 'sms' ? 'SMS: ' : '') + entry.subject), small)
    button.addEventListener('click', () => show(entry))
    const item = document.createElement('li'); item.append(button); return item
  }))
  if (!shown && entries[0]) show(entries[0])
}
document.getElementById('clear').addEventListener('click', async () => {
  await fetch('/__inbox/api/mails', { method: 'DELETE' }); shown = null
  main.replaceChildren(make('p', 'The inbox is empty.', { className: 'empty' })); load()
})
load(); setInterval(load, 1000)
</script>
</body>
</html>
`
