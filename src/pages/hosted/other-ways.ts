// Ways to sign in besides a form: passkeys, providers, wallets, and going on without an account.
import { html } from 'hono/html'
import { siteName } from '../../config/site-name.ts'
import type { Html, PageCtx } from '../page.ts'
import { button, buttonLink, csrfField, hiddenField, postForm } from '../parts/form.ts'
import type { Ways } from '../parts/ways.ts'
import { along, type Journey } from './journey.ts'

/** Scripts of the ways that need one. */
export const scriptsOfWays = ({ passkey, wallets }: Ways): string[] => [
  ...(passkey ? ['passkey.js'] : []),
  ...(wallets.length > 0 ? ['wallet.js'] : []),
]

/** The buttons, one below the other; null where there is none. A captcha of the page counts for them too. */
export function otherWays(ctx: PageCtx, ways: Ways, journey: Journey): Html | null {
  const parts = [
    ...(ways.passkey ? [passkeyForm(ctx, journey)] : []),
    ...ways.providers.map(({ name, label }) =>
      // A link and not a form, since a form would have to be allowed to lead to each provider.
      buttonLink(
        ctx.address(along(`/pages/with/${encodeURIComponent(name)}`, journey)),
        ctx.words('hosted.continue_with', { provider: label }),
      ),
    ),
    ...(ways.organization
      ? [buttonLink(ctx.address(along('/pages/organization', journey)), ctx.words('hosted.organization_title'))]
      : []),
    ...ways.wallets.map((chain) => walletForm(ctx, chain, journey)),
    ...(ways.anonymous ? [guestForm(ctx, journey)] : []),
  ]
  return parts.length === 0 ? null : html`<div class="stack">${parts}</div>`
}

/** Hidden until the script sees that the browser can; it fills in what the passkey answers. */
const passkeyForm = (ctx: PageCtx, journey: Journey): Html =>
  html`<form method="post" hidden action="${ctx.address(along('/pages/passkey', journey))}" data-passkey="${ctx.address('/pages/passkey/options')}">${csrfField(ctx)}${hiddenField('challenge_id', '')}${hiddenField('credential', '')}
<button type="button" class="quiet">${ctx.words('hosted.passkey_button')}</button><p class="error" role="alert" hidden>${ctx.words('hosted.passkey_failed')}</p></form>`

const chainNames = { ethereum: 'Ethereum', solana: 'Solana' } as const

function walletForm(ctx: PageCtx, chain: 'ethereum' | 'solana', journey: Journey): Html {
  const { words } = ctx
  const name = chainNames[chain]
  const statement = words('hosted.wallet_statement', { site: siteName(ctx.config) })
  return html`<form method="post" hidden action="${ctx.address(along('/pages/wallet', journey))}" data-wallet="${chain}" data-uri="${ctx.absolute('/pages/sign-in')}" data-statement="${statement.replace(/\s+/g, ' ')}">${csrfField(ctx)}${hiddenField('chain', chain)}${hiddenField('message', '')}${hiddenField('signature', '')}
<button type="button" class="quiet">${words('hosted.wallet_button', { chain: name })}</button>
<p class="error" role="alert" data-missing hidden>${words('hosted.wallet_missing', { chain: name })}</p><p class="error" role="alert" data-failed hidden>${words('hosted.wallet_failed')}</p></form>`
}

const guestForm = (ctx: PageCtx, journey: Journey): Html =>
  postForm(ctx, along('/pages/guest', journey), button(ctx.words('hosted.continue_as_guest'), { kind: 'quiet' }))
