// The page of the development inbox: a list of mails and messages beside the one that is open.

const style = `
:root { color-scheme: light dark; --page: light-dark(#fff, #0f1216); --soft: light-dark(#f5f6f8, #171b21); --line: light-dark(#dfe3e8, #2a303a); --text: light-dark(#171b21, #e7eaee); --dim: light-dark(#5b6675, #9aa5b4); --accent: light-dark(#0b6b4e, #55cda4); --chosen: light-dark(#e6f3ee, #173229) }
* { box-sizing: border-box }
body { margin: 0; height: 100dvh; display: grid; grid-template: auto minmax(0, 1fr) / minmax(17rem, 23rem) minmax(0, 1fr); font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
header { grid-column: 1 / -1; display: flex; align-items: center; gap: .9rem; padding: .7rem 1.25rem; border-bottom: 1px solid var(--line) }
h1 { font-size: 1.05rem; margin: 0 }
header p { margin: 0; flex: 1; color: var(--dim) }
button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .5rem; padding: .3rem .75rem; cursor: pointer }
button:hover { border-color: var(--accent) }
button[aria-pressed=true] { background: var(--chosen); border-color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
nav { overflow: auto; border-right: 1px solid var(--line); background: var(--soft) }
ul { list-style: none; margin: 0; padding: .5rem }
nav button { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; width: 100%; margin-bottom: .15rem; padding: .55rem .75rem; text-align: left; background: none; border-color: transparent }
nav button[aria-current=true] { background: var(--chosen); border-color: var(--accent) }
nav span, nav time { overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
nav .subject { grid-column: 1 / -1 }
nav .unread { font-weight: 650 }
nav .to, nav time { color: var(--dim); font-size: .85rem }
main { display: flex; flex-direction: column; gap: .9rem; min-width: 0; padding: 1.25rem; overflow: auto }
h2 { margin: 0; font-size: 1.3rem; line-height: 1.3; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto 1fr; gap: .1rem .9rem; margin: 0 }
dt { color: var(--dim) }
dd { margin: 0; overflow-wrap: anywhere }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem }
.code { font: 600 1.35rem/1.3 ui-monospace, monospace; letter-spacing: .1em }
.links a, .links span { color: var(--accent); overflow-wrap: anywhere; font-size: .9rem }
iframe { flex: 1 0 18rem; width: 100%; border: 1px solid var(--line); border-radius: .6rem; background: #fff; color-scheme: light }
pre { flex: 1 0 auto; margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font: .95rem/1.5 ui-monospace, monospace; background: var(--soft); border: 1px solid var(--line); border-radius: .6rem }
.empty { margin: auto; max-width: 26rem; text-align: center; color: var(--dim) }
@media (max-width: 44rem) { body { grid-template: auto minmax(7rem, 32dvh) minmax(0, 1fr) / minmax(0, 1fr) } nav { border-right: 0; border-bottom: 1px solid var(--line) } }
`

const script = `
const api = '/__inbox/api/mails'
const [list, main, count] = ['list', 'mail', 'count'].map((id) => document.getElementById(id))
const read = new Set()
const state = { shown: '', listed: null, wantsText: false }
const make = (tag, text, more) => Object.assign(document.createElement(tag), text === null ? {} : { textContent: text }, more)
const group = (parent, ...children) => { parent.append(...children); return parent }
const empty = (text) => main.replaceChildren(make('p', text, { className: 'empty' }))
const welcome = 'Every mail and text message that this server sends arrives here, and nowhere else.'

function copyButton(code) {
  const button = make('button', code, { type: 'button', className: 'code', title: 'Copy this code' })
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code)
    count.textContent = 'Copied ' + code
  })
  return button
}
function linkTo(address) {
  if (!/^https?:/i.test(address)) return make('span', address)
  return make('a', address, { href: address, target: '_blank', rel: 'noopener noreferrer' })
}
// Nothing in a mail runs: the frame may only open its links in a new tab.
function frameOf(html) {
  const frame = make('iframe', null, { title: 'Contents of the mail' })
  frame.setAttribute('sandbox', 'allow-popups allow-popups-to-escape-sandbox')
  frame.srcdoc = '<!doctype html><base target="_blank">' + html
  return frame
}
function contentsOf(mail) {
  if (!mail.html) return [make('pre', mail.text)]
  if (!mail.text) return [frameOf(mail.html)]
  const choices = [['HTML', false], ['Plain text', true]].map(([name, isText]) => {
    const button = make('button', name, { type: 'button' })
    button.setAttribute('aria-pressed', String(state.wantsText === isText))
    button.addEventListener('click', () => { state.wantsText = isText; draw(mail) })
    return button
  })
  const row = group(make('div', null, { className: 'row' }), ...choices)
  return [row, state.wantsText ? make('pre', mail.text) : frameOf(mail.html)]
}
function draw(mail) {
  const facts = make('dl', null)
  const about = { To: mail.to.join(', '), From: mail.from, Received: new Date(mail.at).toLocaleString() }
  for (const [name, value] of Object.entries(about)) if (value) facts.append(make('dt', name), make('dd', value))
  const parts = [make('h2', mail.channel === 'sms' ? 'Text message' : mail.subject || '(no subject)'), facts]
  if (mail.codes.length) parts.push(group(make('div', null, { className: 'row' }), ...mail.codes.map(copyButton)))
  if (mail.links.length) parts.push(group(make('div', null, { className: 'row links' }), ...mail.links.map(linkTo)))
  main.replaceChildren(...parts, ...contentsOf(mail))
}
async function open(id) {
  const response = await fetch(api + '/' + id).catch(() => null)
  if (!response?.ok) return
  state.shown = id
  read.add(id)
  mark()
  draw(await response.json())
}
function mark() {
  for (const button of list.querySelectorAll('button')) {
    button.setAttribute('aria-current', String(button.dataset.id === state.shown))
    button.firstChild.classList.toggle('unread', !read.has(button.dataset.id))
  }
}
function rowOf(mail) {
  const at = new Date(mail.at)
  const button = group(
    make('button', null, { type: 'button' }),
    make('span', (mail.channel === 'sms' ? 'SMS · ' : '') + (mail.subject || '(no subject)'), { className: 'subject' }),
    make('span', mail.to.join(', '), { className: 'to' }),
    make('time', at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }), { dateTime: mail.at, title: at.toLocaleString() }),
  )
  button.dataset.id = mail.id
  button.addEventListener('click', () => open(mail.id))
  return group(make('li', null), button)
}
function drawList(mails) {
  const before = state.listed
  const focused = document.activeElement?.dataset?.id
  state.listed = mails.map((mail) => mail.id).join()
  if (state.listed === before) return
  count.textContent = mails.length === 1 ? '1 message' : mails.length + ' messages'
  list.replaceChildren(...mails.map(rowOf))
  mark()
  if (focused) list.querySelector('[data-id="' + focused + '"]')?.focus()
  if (mails.length === 0) { state.shown = ''; empty(welcome) }
  else if (state.shown === '') open(mails[0].id)
}
async function refresh() {
  const response = await fetch(api + '?summary').catch(() => null)
  if (response?.ok) return drawList(await response.json())
  state.listed = null
  count.textContent = 'The server does not answer.'
}
document.getElementById('clear').addEventListener('click', async () => {
  await fetch(api, { method: 'DELETE' }).catch(() => null)
  refresh()
})
async function keepFresh() {
  if (!document.hidden) await refresh()
  setTimeout(keepFresh, 1000)
}
keepFresh()
`

/** The whole page; its script carries the nonce of the content security policy. */
export const inboxPage = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox · Postern</title>
<style>${style}</style>
</head>
<body>
<header><h1>Inbox</h1><p id="count" role="status">Waiting for mail …</p><button id="clear" type="button">Clear</button></header>
<nav aria-label="Messages"><ul id="list"></ul></nav>
<main id="mail"><p class="empty">Waiting for mail …</p></main>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`
