// What an application asks of a person, as the pages of consent and of devices tell it.
import { html } from 'hono/html'
import type { Html, PersonCtx } from '../page.ts'

/** An application as the API shows it; nothing of it was checked by anybody. */
export interface Application {
  id: string
  name?: string
}

const scopeWords = {
  openid: 'hosted.consent_scope_openid',
  profile: 'hosted.consent_scope_profile',
  email: 'hosted.consent_scope_email',
  phone: 'hosted.consent_scope_phone',
  offline_access: 'hosted.consent_scope_offline_access',
} as const

/** What an application is called. */
export const nameOfApplication = ({ words }: PersonCtx, { name }: Application): string =>
  name ?? words('hosted.consent_nameless')

/** The site of an application, where somebody vouches for it; `''` for none. */
export async function siteOf(ctx: PersonCtx, { id }: Application): Promise<string> {
  const { body } = await ctx.api('GET', `/pages/applications/${encodeURIComponent(id)}`)
  return String(Object(body).site ?? '')
}

/** Of which site, where somebody vouches for it, as whom, and what for: the scopes in words. */
export async function requestedPart(ctx: PersonCtx, application: Application, scope: string): Promise<Html> {
  const { words, person } = ctx
  const { user } = person
  const site = await siteOf(ctx, application)
  // As the application sent it, with blanks of any kind and number.
  const texts = scope
    .trim()
    .split(/\s+/)
    .map((one) => (Object.hasOwn(scopeWords, one) ? words(scopeWords[one as keyof typeof scopeWords]) : one))
  return html`${site === '' ? '' : html`<p class="dim"><bdi>${site}</bdi></p>`}<p>${words('hosted.consent_as', { name: user.email || user.phone || user.id })}</p>
<p>${words('hosted.consent_may')}</p><ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`
}
