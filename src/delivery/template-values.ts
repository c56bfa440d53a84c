// The variables that the templates of mails can use.
import type { Config } from '../config/keys.ts'
import { siteName } from '../config/site-name.ts'
import { confirmationUrl } from './confirmation-url.ts'
import type { MailRequest } from './mail-request.ts'

/** What `{{ .Name }}` stands for; names that a kind does not have print nothing. */
export function templateValues(
  config: Pick<Config, 'site_url' | 'mailer_urlpaths' | 'pages_name' | 'pages_logo_url'>,
  request: MailRequest,
  locale: string,
): Record<string, unknown> {
  const { kind, token = '', token_hash = '', redirect_to, external_url } = request
  const values: Record<string, unknown> = {
    SiteURL: config.site_url,
    Email: request.email,
    // Templates compute with doubles, as Go does.
    Data: JSON.parse(JSON.stringify(request.data)),
    Token: token,
    Locale: locale,
    SiteName: siteName(config),
    LogoURL: config.pages_logo_url,
  }
  const link = confirmationUrl(config, kind, { external_url, token_hash, redirect_to })
  // As recorded, what a link is made of is empty where a mail has none.
  if (link !== '') Object.assign(values, { ConfirmationURL: link, TokenHash: token_hash, RedirectTo: redirect_to })
  const more = {
    NewEmail: request.new_email,
    SendingTo: request.sending_to,
    OldEmail: request.old_email,
    Phone: request.phone,
    OldPhone: request.old_phone,
    Provider: request.provider,
    FactorType: request.factor_type,
  }
  for (const [name, value] of Object.entries(more)) if (value !== undefined) values[name] = value
  return values
}
