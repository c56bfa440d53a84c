// The form of the assertion consumer service (SAML Bindings §3.5.4 and §3.6.3).
import { z } from 'zod'
import { text } from '../steps/requests/fields.ts'

export const acsForm = z.object({ SAMLResponse: text, SAMLart: text, RelayState: text })

/** What a provider sends by way of a browser. */
export type AcsForm = z.infer<typeof acsForm>
