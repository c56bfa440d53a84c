// Notifications: mails without a token that tell a person what changed; they never fail a request.
import type { MailKind, NotificationName } from '../../config/keys.ts'
import type { Ctx } from '../../context.ts'
import type { Queryable } from '../../storage/db.ts'
import type { User } from '../../storage/users.ts'
import type { Outside } from './transact.ts'

/** What a notification says beside its kind. */
export interface Notification {
  user: Pick<User, 'id' | 'raw_user_meta_data'>
  to: string
  /** The account's address, where it is not the recipient's. */
  email?: string
  old_email?: string
  phone?: string
  old_phone?: string
  provider?: string
  factor_type?: string
}

/** Queues a notification in the transaction when its kind is enabled. */
export async function notify(
  ctx: Ctx,
  tx: Queryable,
  outside: Outside,
  name: NotificationName,
  about: Notification,
): Promise<void> {
  if (!ctx.config.mailer_notifications[name]) return
  const kind: MailKind = `${name}_notification`
  const { user, to, ...more } = about
  const compose = () =>
    ctx.delivery.composeMail({
      kind,
      to,
      user_id: user.id,
      redirect_to: '',
      external_url: ctx.external_url,
      data: user.raw_user_meta_data ?? {},
      email: to,
      expires_in_s: 86_400,
      ...more,
    })
  // A template of the application may have to be fetched, which must not happen within the transaction.
  const isOwn = ctx.config.mailer_templates[kind] !== '' || ctx.config.mailer_subjects[kind] !== ''
  const mail = isOwn ? await outside(`compose ${kind}`, () => compose().catch(logged(ctx, kind))) : await compose()
  if (mail) await ctx.delivery.enqueueMail(tx, mail)
}

/** A template that cannot be rendered costs the notification, not the request. */
const logged = (ctx: Ctx, kind: MailKind) => (error: unknown) => {
  ctx.log.error({ err: error, kind }, 'a notification could not be rendered')
  return null
}
