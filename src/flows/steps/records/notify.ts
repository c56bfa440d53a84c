// Notifications: mails without a token that tell a person what changed; they never fail a request.
import type { MailKind, NotificationName } from '../../../config/keys.ts'
import type { Ctx } from '../../../context.ts'
import { actionTypeOf } from '../../../delivery/mail-kinds.ts'
import { findUserById, type User } from '../../../storage/users.ts'
import { presentUser } from '../answers/present-user.ts'
import type { Tx } from '../transact.ts'

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

/** Queues a notification in the transaction when its kind is enabled, or has the send-email hook send it. */
export async function notify(ctx: Ctx, tx: Tx, name: NotificationName, about: Notification): Promise<void> {
  if (!ctx.config.mailer_notifications[name]) return
  const kind: MailKind = `${name}_notification`
  if (ctx.hooks.enabled('send_email')) return notifyByHook(ctx, tx, kind, about)
  const { user, to, ...more } = about
  const compose = () =>
    ctx.delivery.composeMail({
      kind,
      to,
      user_id: user.id,
      redirect_to: '',
      external_url: ctx.external_url,
      languages: ctx.languages,
      data: user.raw_user_meta_data ?? {},
      email: to,
      expires_in_s: 86_400,
      ...more,
    })
  // A template of the application may have to be fetched, which must not happen within the transaction.
  const { mailer_templates, mailer_subjects, mailer_templates_dir } = ctx.config
  const isOwn = mailer_templates[kind] !== '' || mailer_subjects[kind] !== '' || mailer_templates_dir !== ''
  const mail = isOwn ? await tx.outside(`compose ${kind}`, () => compose().catch(logged(ctx, kind))) : await compose()
  if (mail) await tx.enqueue(mail)
}

/** A function of the database is called outside of the transaction too: its failure would undo the change. */
async function notifyByHook(ctx: Ctx, tx: Tx, kind: MailKind, about: Notification) {
  const user = await findUserById(tx, about.user.id)
  if (!user) return
  const payload = {
    user: presentUser(user),
    email_data: {
      token: '',
      token_hash: '',
      redirect_to: ctx.redirect_to,
      email_action_type: actionTypeOf(kind),
      site_url: ctx.external_url,
      token_new: '',
      token_hash_new: '',
      old_email: about.old_email ?? '',
      old_phone: about.old_phone ?? '',
      provider: about.provider ?? '',
      factor_type: about.factor_type ?? '',
    },
  }
  const where = { client_address: ctx.client_address, db: ctx.db }
  await tx.outside(`hook ${kind} ${about.to}`, () =>
    ctx.hooks.run('send_email', payload, where).catch(logged(ctx, kind)),
  )
}

/** What cannot be rendered or sent costs the notification, not the request. */
const logged = (ctx: Ctx, kind: MailKind) => (error: unknown) => {
  ctx.log.error({ err: error, kind }, 'a notification could not be sent')
  return null
}
