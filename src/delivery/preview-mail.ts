// What a mail would look like, for data that nobody has: with the templates of now, or with others that somebody tries.
import type { Config, MailKind } from '../config/keys.ts'
import type { MailRequest } from './mail-request.ts'
import { parseTemplate, renderHtml, renderText, type Template } from './template/template.ts'
import { templateValues } from './template-values.ts'

/** Sources of a subject and a body. */
export interface MailSources {
  subject: string
  body: string
}

/** A mail as it would be, and what its templates know and use. */
export interface MailPreview {
  subject: string
  html: string
  /** Names that are there for this kind. */
  known: string[]
  /** Names that the templates use. */
  used: string[]
}

/** A mail about somebody who does not exist; `to` is whom a test mail goes to. */
export function sampleRequest(config: Config, kind: MailKind, locale: string, to = 'ada@example.com'): MailRequest {
  return {
    kind,
    to,
    user_id: '00000000-0000-0000-0000-000000000000',
    email: to,
    token: '123456',
    token_hash: '0123456789abcdef0123456789abcdef0123456789abcdef01234567',
    redirect_to: config.site_url,
    external_url: config.api_external_url,
    languages: [locale],
    data: { full_name: 'Ada Lovelace' },
    expires_in_s: 3600,
    ...(kind === 'email_change' && { new_email: 'ada@new.example', sending_to: to }),
    old_email: 'ada@old.example',
    phone: '15550001111',
    old_phone: '15550002222',
    provider: 'google',
    factor_type: 'totp',
  }
}

/**
 * Renders sources for the sample.
 * @throws TemplateError with the place of what is wrong
 */
export function previewMail(config: Config, kind: MailKind, locale: string, sources: MailSources): MailPreview {
  const [subject, body] = [parseTemplate(sources.subject), parseTemplate(sources.body)]
  const values = templateValues(config, sampleRequest(config, kind, locale), locale)
  return {
    subject: renderText(subject, values).replace(/\s+/g, ' ').trim(),
    html: renderHtml(body, values),
    known: Object.keys(values).sort(),
    used: [...new Set([...namesIn(subject), ...namesIn(body)])].sort(),
  }
}

/** Names of fields anywhere in a template, such as `Data.full_name`. */
function namesIn(template: Template): string[] {
  const names: string[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { kind, names: path } = value as { kind?: unknown; names?: unknown }
    if (kind === 'field' && Array.isArray(path)) names.push(path.join('.'))
    for (const member of Object.values(value)) visit(member)
  }
  visit(template.body)
  for (const nodes of template.defined.values()) visit(nodes)
  return names
}
