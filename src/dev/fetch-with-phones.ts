// Stands for the phone network: what a development server sends to a phone appears in its inbox.
import type { Inbox } from './inbox.ts'

/** Fetches as always, but for messages to phones, which are posted to `network` and go to the inbox. */
export function fetchWithPhones(inbox: Inbox, network: string): typeof globalThis.fetch {
  return async (input, init) => {
    if (input !== network) return globalThis.fetch(input, init)
    const { phone, text }: { phone: string; text: string } = JSON.parse(String(init?.body))
    inbox.addSms({ phone: phone.replace('+', ''), text })
    return new Response('{}', { headers: { 'content-type': 'application/json' } })
  }
}
