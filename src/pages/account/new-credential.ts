// The form whose script makes a passkey or a security key (WebAuthn Level 3 §5.1.8) and sends what came of it.
import { html } from 'hono/html'
import { jsonOrNull } from '../../json-values.ts'
import type { Html, PersonCtx } from '../page.ts'
import { buttonLink, csrfField, hiddenField } from '../parts/form.ts'

/** What the form asks for and where it goes. */
export interface NewCredential {
  path: string
  back: string
  fields: Record<string, string>
  /** Options as the API gives them. */
  options: unknown
  label: string
  failed: string
}

/** The form; without JavaScript it says that it needs some. */
export function newCredential(ctx: PersonCtx, { path, back, fields, options, label, failed }: NewCredential): Html {
  const cancel = buttonLink(ctx.address(back), ctx.words('parts.cancel'))
  return html`<div class="panel"><noscript><p class="error">${ctx.words('account.needs_script')}</p></noscript>
<form method="post" action="${ctx.address(path)}" data-create="${JSON.stringify(options)}">${csrfField(ctx)}${Object.entries(fields).map(([name, value]) => hiddenField(name, value))}${hiddenField('credential', '')}
<p class="error" role="alert" hidden>${failed}</p>
<div class="buttons"><button type="button">${label}</button>${cancel}</div></form></div>`
}

/** What the script put into the form; null where it is no JSON. */
export const madeCredential = ({ form }: PersonCtx): unknown => jsonOrNull(form.credential ?? '')
