// What cases of the security rules share: mails that carry their code, and answers in one word.

const code = new URL('../fixtures/code.html', import.meta.url).href
const kinds = ['CONFIRMATION', 'RECOVERY', 'MAGIC_LINK', 'EMAIL_CHANGE', 'REAUTHENTICATION']

/** Variables by which every mail shows its code. */
export const codeTemplates = Object.fromEntries(kinds.map((kind) => [`GOTRUE_MAILER_TEMPLATES_${kind}`, code]))

/** The code that such a mail shows. */
export const codeOf = (html: string): string => /Code: (\d{6})/.exec(html)?.[1] ?? ''

/** A code of the same form that is not the given one. */
export const wrong = (code: string): string => (code[0] === '9' ? '0' : '9') + code.slice(1)

/** Status and error code of an answer. */
export const refusal = ({ status, body }: { status: number; body: Record<string, unknown> }): string =>
  `${status} ${body.error_code}`
