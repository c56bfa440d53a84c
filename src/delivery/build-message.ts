// The bytes of a mail (RFC 5322), with the headers as the reference writes them.
import nodemailer from 'nodemailer'
import type { Config } from '../config/keys.ts'
import type { OutgoingMail } from './deliver-mail.ts'

/** Who mails come from. */
export type Sender = Pick<Config, 'smtp_sender_name' | 'smtp_admin_email'>

/** What a message is made of beside the mail. */
export interface MessageParts {
  sender: Sender
  /** Right side of the Message-ID. */
  host: string
  headers: { key: string; value: string }[]
}

const builder = () => nodemailer.createTransport({ streamTransport: true, buffer: true })

/** Builds a message; line breaks in subject, names or header values do not get into its headers. */
export async function buildMessage(mail: OutgoingMail, { sender, host, headers }: MessageParts): Promise<string> {
  const { message } = await builder().sendMail({
    from: { name: sender.smtp_sender_name, address: sender.smtp_admin_email },
    to: { name: '', address: mail.to },
    subject: mail.subject,
    ...(mail.text !== '' && { text: mail.text }),
    alternatives: [{ contentType: 'text/html; charset=UTF-8', content: mail.html }],
    textEncoding: 'quoted-printable',
    // The same at every try, so that a mail that was sent twice is seen once.
    messageId: `<${mail.id}@${host}>`,
    headers: [...headers, ...(mail.locale ? [{ key: 'Content-Language', value: mail.locale }] : [])],
  })
  return withQuotedSender(String(message), sender)
}

/** The reference puts the sender's name in quotes even where they are not needed. */
function withQuotedSender(message: string, { smtp_sender_name: name, smtp_admin_email: address }: Sender): string {
  if (!/^[\x20-\x7e]+$/.test(name) || !/^[\x21-\x7e]+$/.test(address)) return message
  const end = message.indexOf('\r\n\r\n')
  const from = `From: "${name.replace(/[\\"]/g, '\\$&')}" <${address}>`
  return message.slice(0, end).replace(/^From: .*(?:\r\n[ \t].*)*/m, () => from) + message.slice(end)
}
