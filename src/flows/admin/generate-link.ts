// POST /admin/generate_link and /console/users/:user_id/link: the link and code of a mail, for an administrator who sends it some
// other way.
import { z } from 'zod'
import type { MailKind } from '../../config/keys.ts'
import type { AccountCtx, AdminCtx, Ctx } from '../../context.ts'
import { tokenHash } from '../../crypto/codes.ts'
import { confirmationUrl } from '../../delivery/confirmation-url.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, type Reply } from '../../reply.ts'
import type { TokenType } from '../../storage/one-time-tokens.ts'
import { findUserByEmail, type User } from '../../storage/users.ts'
import { isAllowedReturn } from '../steps/answers/allowed-redirect.ts'
import { presentUser } from '../steps/answers/present-user.ts'
import { newEmailToken } from '../steps/one-time-tokens/one-time-token.ts'
import { normaliseEmail } from '../steps/requests/addresses.ts'
import { optionalObject, text } from '../steps/requests/fields.ts'
import { linkToAddressChange, linkToInvitation, linkToSignIn, linkToSignUp } from './link-actions.ts'

export const generateLinkBody = z.object({
  type: text,
  email: text,
  new_email: text,
  password: text,
  data: optionalObject,
  redirect_to: text,
})

type Body = z.infer<typeof generateLinkBody>

/** Types of links: the mail that has the same one, the token in it, and what is done to the account. */
const linkTypes = {
  signup: { mail: 'confirmation', token: 'confirmation_token', act: linkToSignUp },
  invite: { mail: 'invite', token: 'confirmation_token', act: linkToInvitation },
  magiclink: { mail: 'magic_link', token: 'recovery_token', act: linkToSignIn },
  recovery: { mail: 'recovery', token: 'recovery_token', act: linkToSignIn },
  email_change_current: { mail: 'email_change', token: 'email_change_token_current', act: linkToAddressChange },
  email_change_new: { mail: 'email_change', token: 'email_change_token_new', act: linkToAddressChange },
} as const satisfies Record<string, { mail: MailKind; token: TokenType; act: unknown }>

type LinkType = keyof typeof linkTypes

/** Answers with the account and the parts of the link; nothing is sent. */
export async function generateLink(ctx: AdminCtx, body: Body): Promise<Reply> {
  const email = normaliseEmail(body.email)
  const existing = await findUserByEmail(ctx.db, email, ctx.aud)
  const type = typeFor(body.type, existing)
  const { mail, token: token_type, act } = linkTypes[type]
  const isNewAddress = type === 'email_change_new'
  const new_email = mail === 'email_change' ? newAddress(ctx, type, body.new_email) : ''
  const token = newEmailToken(ctx, token_type, isNewAddress ? new_email : email)
  const data = body.data ?? {}
  const isStranger = type !== body.type
  const password = isStranger ? null : body.password
  const user = await act(ctx, { email, existing, token, data, password, new_email })
  if (!user) throw new AuthError(500, 'unexpected_failure', 'Database error creating new user')
  const redirect_to = redirectOf(ctx, body.redirect_to)
  const { link, otp } = token
  return json({
    ...presentUser(user),
    action_link: confirmationUrl(ctx.config, mail, { external_url: ctx.external_url, token_hash: link, redirect_to }),
    email_otp: otp,
    // The reference answers a hash of the current address here, which opens nothing.
    hashed_token: isNewAddress ? tokenHash(email, otp) : link,
    verification_type: type,
    redirect_to,
  })
}

/**
 * The same for the account that an operator looks at.
 * @throws AuthError 422 validation_failed where a link to the address opens another account: people of companies, and accounts of
 * another audience, may share theirs with somebody
 */
export async function linkToAccount(ctx: AccountCtx, body: Body): Promise<Reply> {
  const { account } = ctx
  const email = account.email ?? ''
  const found = email === '' ? null : await findUserByEmail(ctx.db, email, ctx.aud)
  if (found?.id !== account.id)
    throw new AuthError(422, 'validation_failed', 'No link to the address of this account would open it')
  return generateLink(ctx, { ...body, email })
}

/** A magic link for somebody unknown is a sign-up with a password that nobody knows. */
function typeFor(asked: string, existing: User | null): LinkType {
  if (!isLinkType(asked)) throw invalid(`Invalid email action link type requested: ${asked.slice(0, 64)}`)
  if (existing || asked === 'signup' || asked === 'invite') return asked
  if (asked === 'magiclink') return 'signup'
  throw new AuthError(404, 'user_not_found', 'User with this email not found')
}

const isLinkType = (name: string): name is LinkType => Object.hasOwn(linkTypes, name)

function newAddress(ctx: Ctx, type: LinkType, new_email: string): string {
  if (type === 'email_change_current' && !ctx.config.mailer_secure_email_change_enabled)
    throw invalid('Enable secure email change to generate link for current email')
  return normaliseEmail(new_email)
}

const redirectOf = (ctx: Ctx, asked: string): string => (isAllowedReturn(asked, ctx.config) ? asked : ctx.redirect_to)
