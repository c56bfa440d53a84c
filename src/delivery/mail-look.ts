// Mails that look like the pages, as templates: tables and inline styles, which mail clients understand.
import { type Accent, cssColor } from '../config/accent-color.ts'
import type { MailKind } from '../config/keys.ts'
import { escapeHtml } from '../escape-html.ts'
import { type Locale, locales } from '../locale.ts'
import { mailKindData } from './mail-kinds.ts'
import type { LinkKind, MailTexts } from './mail-texts.ts'

/** What a look is made of. */
export interface MailLook {
  locale: Locale
  texts: MailTexts
  accent: Accent
  /** Seconds for which links and codes are good. */
  life_s: number
}

/** What the placeholders of texts are in a template. */
const fields: Record<string, string> = {
  code: '{{ .Token }}',
  email: '{{ .Email }}',
  name: '{{ .SiteName }}',
  new_email: '{{ .NewEmail }}',
  old_email: '{{ .OldEmail }}',
  old_phone: '+{{ .OldPhone }}',
  phone: '+{{ .Phone }}',
  provider: '{{ .Provider }}',
}

const light = {
  page: [246, 247, 248],
  card: [255, 255, 255],
  line: [223, 227, 232],
  text: [23, 27, 33],
  dim: [86, 97, 112],
} as const
const dark = {
  page: [15, 18, 22],
  card: [23, 27, 33],
  line: [44, 51, 61],
  text: [233, 236, 240],
  dim: [163, 173, 187],
} as const
const font = `system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif`

const darkRules = `.page{background-color:${cssColor(dark.page)}!important}.card{background-color:${cssColor(dark.card)}!important;border-color:${cssColor(dark.line)}!important}.text{color:${cssColor(dark.text)}!important}.dim{color:${cssColor(dark.dim)}!important}`

/** Kinds whose code may be entered instead of following the link. */
const withCode: ReadonlySet<MailKind> = new Set(['confirmation', 'recovery', 'magic_link', 'email_change'])
/** Kinds that somebody else may have caused by mistake; with all others somebody may be at the account. */
const harmless: ReadonlySet<MailKind> = new Set(['invite', 'confirmation', 'recovery', 'magic_link'])

/** Subject, body and plain text of a kind, all templates. */
export function pageLikeMail(kind: MailKind, look: MailLook): { subject: string; body: string; text: string } {
  const { texts } = look
  const subject = texts[`${kind}.subject`]
  const title = kind === 'reauthentication' ? texts['reauthentication.title'] : subject
  const isUsed = isLink(kind) || kind === 'reauthentication'
  const parts = [
    `<h1 class="text" style="margin:0 0 12px;font-size:22px;line-height:28px;font-weight:650;color:${cssColor(light.text)}">${inHtml(title, look)}</h1>`,
    paragraph(inHtml(texts[`${kind}.text`], look)),
    isLink(kind) ? button(inHtml(texts[`${kind}.button`], look), look.accent) : '',
    withCode.has(kind) ? paragraph(inHtml(texts.code, look)) : '',
    withCode.has(kind) || kind === 'reauthentication' ? codeBlock : '',
    isUsed ? paragraph(inHtml(texts.life, look), 'dim') : '',
    paragraph(inHtml(harmless.has(kind) ? texts.ignore : texts.warn, look), 'dim', 0),
  ]
  return {
    subject: inText(subject, look),
    body: document(look, title, parts.filter((part) => part !== '').join('\n')),
    text: plainText(kind, title, look),
  }
}

function plainText(kind: MailKind, title: string, look: MailLook): string {
  const { texts } = look
  const parts = [
    '{{ .SiteName }}',
    title,
    texts[`${kind}.text`],
    ...(isLink(kind) ? [`${texts[`${kind}.button`]}:\n{{ .ConfirmationURL }}`] : []),
    ...(withCode.has(kind) ? [texts.code] : []),
    ...(withCode.has(kind) || kind === 'reauthentication' ? ['{{ .Token }}'] : []),
    ...(isLink(kind) || kind === 'reauthentication' ? [texts.life] : []),
    harmless.has(kind) ? texts.ignore : texts.warn,
  ]
  return `${parts.map((part) => inText(part, look)).join('\n\n')}\n`
}

const isLink = (kind: MailKind): kind is LinkKind => mailKindData[kind].link_type !== null

function document(look: MailLook, title: string, contents: string): string {
  const { locale } = look
  const { dir } = locales[locale]
  const align = dir === 'rtl' ? 'right' : 'left'
  const table = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
  return `<!doctype html>
<html lang="${locale}" dir="${dir}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escapeHtml(inText(title, look))}</title>
<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${darkRules}}</style></head>
<body class="page" style="margin:0;padding:0;background-color:${cssColor(light.page)}">
<table ${table} class="page" dir="${dir}" style="background-color:${cssColor(light.page)}"><tr><td align="center" style="padding:32px 16px">
<table ${table} style="max-width:480px;font-family:${font}">
<tr><td class="text" align="${align}" style="padding:0 4px 16px;font-size:16px;font-weight:650;color:${cssColor(light.text)}">{{ if .LogoURL }}<img src="{{ .LogoURL }}" alt="" height="28" style="height:28px;vertical-align:middle"> {{ end }}<bdi>{{ .SiteName }}</bdi></td></tr>
<tr><td class="card" align="${align}" style="padding:28px;background-color:${cssColor(light.card)};border:1px solid ${cssColor(light.line)};border-radius:14px">
${contents}
</td></tr></table>
</td></tr></table></body></html>
`
}

const paragraph = (contents: string, tone: 'text' | 'dim' = 'text', below_px = 20): string => {
  const size = tone === 'dim' ? 'font-size:14px;line-height:21px' : 'font-size:16px;line-height:24px'
  return `<p class="${tone}" style="margin:0 0 ${below_px}px;${size};color:${cssColor(light[tone])}">${contents}</p>`
}

function button(label: string, { ground, on }: Accent): string {
  const place = `border-radius:8px;background-color:${cssColor(ground)}`
  const text = `display:inline-block;padding:12px 22px;font-size:16px;line-height:22px;font-weight:600;color:${cssColor(on)};text-decoration:none`
  return `<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 20px"><tr><td style="${place}"><a href="{{ .ConfirmationURL }}" style="${text}">${label}</a></td></tr></table>`
}

const codeBlock = `<p class="text" dir="ltr" style="margin:0 0 20px;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:26px;line-height:32px;font-weight:600;letter-spacing:4px;text-align:center;color:${cssColor(light.text)}">{{ .Token }}</p>`

/** A text in HTML; addresses and numbers keep their direction within Arabic. */
const inHtml = (text: string, look: MailLook): string =>
  filled(escapeHtml(text), look, (field) => `<bdi>${field}</bdi>`)

const inText = (text: string, look: MailLook): string => filled(text, look, (field) => field)

/** A text with what its placeholders are in a template; what stands there is escaped when the template is rendered. */
const filled = (
  text: string,
  { texts, locale, life_s }: MailLook,
  wrap: (field: string, name: string) => string,
): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 'duration') return durationIn(locale, life_s)
    if (name === 'factor') return factorName(texts)
    return fields[name] === undefined ? whole : wrap(fields[name], name)
  })

const factorName = (texts: MailTexts): string => {
  const known = (['totp', 'phone', 'webauthn'] as const).map(
    (type) => `if eq .FactorType "${type}" }}${texts[`factor.${type}`]}`,
  )
  return `{{ ${known.join('{{ else ')}{{ else }}{{ .FactorType }}{{ end }}`
}

/** A time in whole hours, or in minutes where it is none of whole hours. */
function durationIn(locale: Locale, seconds: number): string {
  const [unit, size] = seconds >= 3600 && seconds % 3600 === 0 ? (['hour', 3600] as const) : (['minute', 60] as const)
  const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(Math.max(1, Math.floor(seconds / size)))
}
