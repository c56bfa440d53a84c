// A new secret of an application, which is shown once.
import { html } from 'hono/html'
import type { OperatorCtx, PageReply } from '../page.ts'
import { buttonLink } from '../parts/form.ts'
import { ask, consoleView, objectOf, refusedView } from './console-view.ts'
import { applications } from './resources.ts'

/** POST /console/applications/:id/secret. */
export async function newApplicationSecret(ctx: OperatorCtx): Promise<PageReply> {
  const { words } = ctx
  const id = encodeURIComponent(ctx.path_params.id ?? '')
  const answer = await ask(ctx, 'POST', `/admin/oauth/clients/${id}/regenerate_secret`)
  if (!answer.ok) return refusedView(ctx, 'applications', words('console.nav_applications'), answer)
  return consoleView(ctx, {
    section: 'applications',
    title: words('console.new_secret'),
    body: html`<div class="panel narrow">${applications.made?.(ctx, objectOf(answer)) ?? ''}<p>${buttonLink(ctx.address('/console/applications'), words('console.nav_applications'))}</p></div>`,
  })
}
