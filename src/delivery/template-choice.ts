// Which templates a mail has: those of the application for its language, and the defaults behind them.
import { accentOf } from '../config/accent-color.ts'
import type { Config, MailKind } from '../config/keys.ts'
import { type Locale, localeOf, locales, lookUpLocale } from '../locale.ts'
import { mailKindData } from './mail-kinds.ts'
import { pageLikeMail } from './mail-look.ts'
import type { MailTexts } from './mail-texts.ts'
import type { TemplateFiles, TemplateFolder } from './template-folder.ts'

/** A template as text, or where it is. */
export type TemplateSource = { text: string } | { place: string }

/** What a mail of a kind is made of in a language. */
export interface TemplateChoice {
  /** Two mails with the same key have the same templates. */
  key: string
  kind: MailKind
  /** The language, as a BCP 47 tag. */
  locale: string
  /** Whether the reader's language counts, so that the mail says which it is in. */
  is_by_locale: boolean
  /** The application's own; null where there is none. */
  own: Record<'subject' | 'body' | 'text', TemplateSource | null>
  defaults: { subject: string; body: string; text?: string }
}

/** What choosing needs. */
export interface TemplateChoiceOptions {
  config: Pick<
    Config,
    | 'mail_look'
    | 'mail_text'
    | 'mailer_otp_exp'
    | 'mailer_subjects'
    | 'mailer_templates'
    | 'mailer_templates_dir'
    | 'pages_color'
  >
  folder: TemplateFolder
  mail_texts(locale: Locale): MailTexts
}

/** Makes the function that chooses for a kind and the tags of the languages that a person reads. */
export function createTemplateChoice(options: TemplateChoiceOptions) {
  const { config, folder, mail_texts } = options
  const isPageLike = config.mail_look === 'pages'
  const is_by_locale = isPageLike || config.mailer_templates_dir !== ''
  const accent = accentOf(config)

  /** A plain text that says the same belongs to the default body alone. */
  const defaultsOf = (kind: MailKind, locale: Locale, hasText: boolean): TemplateChoice['defaults'] => {
    if (!isPageLike) return mailKindData[kind]
    const { mailer_otp_exp: life_s } = config
    const { text, ...mail } = pageLikeMail(kind, { locale, texts: mail_texts(locale), accent, life_s })
    return { ...mail, ...(hasText && { text }) }
  }

  return async (kind: MailKind, languages: readonly string[]): Promise<TemplateChoice> => {
    const files = await folder.filesOf(kind)
    const locale = lookUpLocale(languages, [...files.keys(), ...Object.keys(locales)]) ?? 'en'
    const { html, txt, subject } = filesFor(files.get(''), files.get(locale))
    const { [kind]: own_subject } = config.mailer_subjects
    const { [kind]: own_body } = config.mailer_templates
    return {
      key: is_by_locale ? `${kind} ${locale}` : kind,
      kind,
      locale,
      is_by_locale,
      own: {
        subject: subject !== undefined ? { place: subject } : own_subject !== '' ? { text: own_subject } : null,
        body: html !== undefined ? { place: html } : own_body !== '' ? { place: own_body } : null,
        text: txt !== undefined ? { place: txt } : null,
      },
      defaults: defaultsOf(kind, localeOf(locale) ?? 'en', config.mail_text && html === undefined && own_body === ''),
    }
  }
}

/** Files of a language before those without one; a plain text without a language does not belong to HTML that has one. */
function filesFor(general: TemplateFiles = {}, own: TemplateFiles = {}): TemplateFiles {
  const { html, txt, subject } = general
  return { ...(html && { html }), ...(subject && { subject }), ...(txt && !own.html && { txt }), ...own }
}
