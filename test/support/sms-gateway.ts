// The SMS service of an application: takes every message over HTTP and keeps it.
import { once } from 'node:events'
import { createServer } from 'node:http'

/** A service that runs. */
export interface SmsGateway {
  /** What was sent, oldest first. */
  messages: { phone: string; text: string }[]
  /** Variables of a server that sends by it. */
  env: { GOTRUE_SMS_PROVIDER: string; POSTERN_SMS_HTTP_URL: string }
  /** The code of the last message, to a number or to any; `''` for none. */
  lastCode(phone?: string): string
  stop(): void
}

/** Starts a service. */
export async function startSmsGateway(): Promise<SmsGateway> {
  const messages: SmsGateway['messages'] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    messages.push(JSON.parse(body))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    messages,
    env: { GOTRUE_SMS_PROVIDER: 'http', POSTERN_SMS_HTTP_URL: `http://127.0.0.1:${Object(server.address()).port}/` },
    lastCode(phone) {
      const last = messages.findLast((message) => phone === undefined || message.phone.replace('+', '') === phone)
      return codeIn(last?.text)
    },
    stop: () => void server.close(),
  }
}

/** The code of a message; `''` for none. */
export const codeIn = (text = ''): string => /\d{6}/.exec(text)?.[0] ?? ''
