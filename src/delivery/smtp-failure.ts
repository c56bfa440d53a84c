// What a failure to send means: for this mail, for good, or for the whole mail server.
import { MailServerDown, RefusedMail } from './deliver-mail.ts'

/** The fields of nodemailer's errors that matter. */
interface Failure {
  code: string
  command: string
  message: string
  /** Status of the server's answer; 0 without one. */
  status: number
}

/** Why no mail goes to a server that would get our password in clear. */
export const withoutTls =
  'the mail server offers no TLS, and the password would cross the network in clear: POSTERN_SMTP_INSECURE=true allows it'

/** Whether a connection could not be encrypted. */
export function isWithoutTls(error: unknown): boolean {
  const { code, command } = readFields(error)
  return code === 'ETLS' && command === 'STARTTLS'
}

/**
 * Turns an error of nodemailer into RefusedMail, MailServerDown or an Error for a mail that may be tried again.
 * Its text names no address: servers repeat the recipient in their answers, and what fails is logged.
 */
export function readSmtpFailure(error: unknown, recipient: string): Error {
  if (isWithoutTls(error)) return new MailServerDown(withoutTls)
  const failure = readFields(error)
  const text = `${failure.code} ${failure.command}: ${withoutAddress(failure.message, recipient)}`.slice(0, 500)
  const isAboutMail = failure.code === 'EENVELOPE' || failure.code === 'EMESSAGE'
  if (!isAboutMail || failure.command === 'MAIL FROM') return new MailServerDown(text)
  // Without an answer the mail could not even be offered: an address or size that is out of the question.
  return failure.status === 0 || failure.status >= 500 ? new RefusedMail(text) : new Error(text)
}

function readFields(error: unknown): Failure {
  const read = (name: string): unknown => Reflect.get(Object(error), name)
  return {
    code: String(read('code') ?? ''),
    command: String(read('command') ?? ''),
    message: error instanceof Error ? error.message : String(error),
    status: Number(read('responseCode')) || 0,
  }
}

function withoutAddress(text: string, recipient: string): string {
  const local = recipient.slice(0, recipient.lastIndexOf('@'))
  const bare = text.replace(/[^\s<>"',;:()]+@[^\s<>"',;:()]+/g, '…')
  return local.length < 3 ? bare : bare.replaceAll(local, '…')
}
