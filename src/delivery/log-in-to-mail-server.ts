// Login at the mail server: CRAM-MD5 where it is offered, since that one keeps the password to itself.
import { createHmac } from 'node:crypto'

/** What a login needs of the connection. */
export interface LoginContext {
  auth: { credentials: { user: string; pass: string } }
  /** Mechanisms that the server offers. */
  authMethods: string[]
  /** Sends a line; `text` is the answer without its codes. */
  sendCommand(line: string): Promise<{ status: number; text: string }>
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/**
 * Logs in by CRAM-MD5 (RFC 2195), else by PLAIN (RFC 4616), or by LOGIN where only that is offered.
 * @throws Error when the server refuses; nothing of the credentials is in it
 */
export async function logInToMailServer({ auth, authMethods, sendCommand }: LoginContext): Promise<void> {
  const { user, pass } = auth.credentials
  const expect = async (status: number, line: string): Promise<string> => {
    const answer = await sendCommand(line)
    if (answer.status !== status) throw new Error(`the mail server answered ${answer.status} to the login`)
    return answer.text
  }
  if (authMethods.includes('CRAM-MD5')) {
    const challenge = Buffer.from(await expect(334, 'AUTH CRAM-MD5'), 'base64')
    await expect(235, base64(`${user} ${createHmac('md5', pass).update(challenge).digest('hex')}`))
  } else if (authMethods.includes('LOGIN') && !authMethods.includes('PLAIN')) {
    await expect(334, 'AUTH LOGIN')
    await expect(334, base64(user))
    await expect(235, base64(pass))
  } else await expect(235, `AUTH PLAIN ${base64(`\0${user}\0${pass}`)}`)
}
