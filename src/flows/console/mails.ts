// The mails of a server as the console shows them: their templates, a preview for sample data, and a test mail.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { mailKinds } from '../../config/families.ts'
import type { MailKind } from '../../config/keys.ts'
import type { AdminCtx } from '../../context.ts'
import { previewMail, sampleRequest } from '../../delivery/preview-mail.ts'
import { TemplateError } from '../../delivery/template/template.ts'
import { AuthError, invalid } from '../../errors.ts'
import { localeOf } from '../../locale.ts'
import { json, type Reply } from '../../reply.ts'
import { text } from '../steps/requests/fields.ts'

export const previewBody = z.object({ subject: text, template: text, locale: text })
export const testMailBody = z.object({ to: text, locale: text })

/** GET /console/mails: every kind, with where its templates come from. */
export function listMails({ config }: AdminCtx): Reply {
  const rows = mailKinds.map((kind) => {
    const switched = /^(.+)_notification$/.exec(kind)?.[1]
    const enabled = switched === undefined || Object(config.mailer_notifications)[switched] === true
    return {
      kind,
      enabled,
      own_subject: config.mailer_subjects[kind] !== '',
      own_body: config.mailer_templates[kind] !== '',
      place: config.mailer_templates[kind],
      path: config.mailer_urlpaths[kind],
    }
  })
  return json({ mails: rows, configured: config.smtp_host !== '' })
}

/** POST /console/mails/:kind/preview: what a mail looks like; empty texts stand for the templates of now. */
export async function previewOfMail(ctx: AdminCtx, body: z.infer<typeof previewBody>): Promise<Reply> {
  const kind = kindOfPath(ctx)
  const locale = localeOf(body.locale) ?? 'en'
  const now = await ctx.delivery.sourcesOf(kind, locale)
  const sources = { subject: body.subject || now.subject, body: body.template || now.body }
  try {
    return json({ ...previewMail(ctx.config, kind, locale, sources), sources, problem: '' })
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return json({ subject: '', html: '', known: [], used: [], sources, problem: error.message })
  }
}

/** POST /console/mails/:kind/test: sends the mail with sample data to an address, through the outbox. */
export async function sendTestMail(ctx: AdminCtx, { to, locale }: z.infer<typeof testMailBody>): Promise<Reply> {
  const kind = kindOfPath(ctx)
  if (!/^[^\s@<>,]{1,64}@[^\s@<>,]{1,190}$/.test(to)) throw invalid('to must be one email address')
  if (!ctx.delivery.configured)
    throw new AuthError(422, 'feature_disabled', 'GOTRUE_SMTP_HOST is not set: there is nowhere to send mails to')
  await ctx.limits.takeMail()
  const mail = await ctx.delivery.composeMail({
    ...sampleRequest(ctx.config, kind, localeOf(locale) ?? 'en', to),
    expires_in_s: 600,
  })
  await ctx.delivery.enqueueMail(ctx.db, { ...mail, id: randomUUID() })
  ctx.delivery.kick()
  return json({ id: mail.id })
}

function kindOfPath({ path_params }: AdminCtx): MailKind {
  const kind = mailKinds.find((known) => known === path_params.kind)
  if (!kind) throw new AuthError(404, 'validation_failed', 'There is no such kind of mail')
  return kind
}
