// The page of the development identity provider: one says who one is, and is believed.
import { escapeHtml } from '../escape-html.ts'

const style = `
:root { color-scheme: light dark; --page: light-dark(#f5f6f8, #0f1216); --card: light-dark(#fff, #171b21); --line: light-dark(#dfe3e8, #2a303a); --text: light-dark(#171b21, #e7eaee); --dim: light-dark(#5b6675, #9aa5b4); --accent: light-dark(#0b6b4e, #55cda4); --on-accent: light-dark(#fff, #0f1216) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
main { width: min(26rem, 100%); padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: .9rem }
h1 { margin: 0 0 .25rem; font-size: 1.3rem }
p { margin: 0 0 1.1rem; color: var(--dim) }
form { display: grid; gap: .9rem }
label { display: grid; gap: .25rem; font-weight: 600 }
label.check { grid-template-columns: auto 1fr; align-items: center; gap: .6rem; font-weight: 400 }
input:not([type=checkbox]) { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .7rem; width: 100% }
button { font: inherit; font-weight: 600; padding: .6rem 1rem; border-radius: .5rem; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer }
button.quiet { background: none; color: inherit; border-color: var(--line); font-weight: 400 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`

/** The page; `hidden` are the fields that the form gives back, `people` the addresses that were used before. */
export function identityPage(hidden: Record<string, string>, people: readonly string[]): string {
  const fields = Object.entries(hidden).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  )
  const known = people.map((email) => `<option value="${escapeHtml(email)}"></option>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in with the development provider</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Who are you today?</h1>
<p>This provider exists only while you develop. It believes whatever you type.</p>
<form method="post">
${fields.join('\n')}
<label>E-mail address
<input type="email" name="email" list="people" required autofocus autocomplete="off" value="${escapeHtml(people[0] ?? 'ada@example.com')}">
</label>
<datalist id="people">${known.join('')}</datalist>
<label>Name
<input name="name" autocomplete="off" value="Ada Lovelace">
</label>
<label class="check"><input type="checkbox" name="verified" value="true" checked> The provider has verified this address</label>
<button name="decision" value="allow">Sign in</button>
<button class="quiet" name="decision" value="deny" formnovalidate>Refuse</button>
</form>
</main>
</body>
</html>
`
}
