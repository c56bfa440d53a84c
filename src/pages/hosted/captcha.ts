// The captcha widget of a form, where one is configured (POSTERN_CAPTCHA_SITE_KEY).
import { html } from 'hono/html'
import type { Html, PageCtx } from '../page.ts'

interface Widget {
  script: string
  className: string
  /** The field that the widget fills in. */
  field: string
}

const widgets: Record<string, Widget> = {
  hcaptcha: { script: 'https://js.hcaptcha.com/1/api.js', className: 'h-captcha', field: 'h-captcha-response' },
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    className: 'cf-turnstile',
    field: 'cf-turnstile-response',
  },
  recaptcha: {
    script: 'https://www.google.com/recaptcha/api.js',
    className: 'g-recaptcha',
    field: 'g-recaptcha-response',
  },
}

const widgetOf = ({ config }: PageCtx): Widget | undefined =>
  config.security_captcha_enabled ? widgets[config.security_captcha_provider.toLowerCase()] : undefined

/** Whether forms ask for a captcha. */
export const hasCaptcha = (ctx: PageCtx): boolean => widgetOf(ctx) !== undefined

/** The script that lets one widget serve all forms of a page. */
export const captchaScripts = (ctx: PageCtx): string[] => (hasCaptcha(ctx) ? ['captcha.js'] : [])

/** The widget within a form; `''` where none is asked for. */
export function captchaPart(ctx: PageCtx): Html | '' {
  const widget = widgetOf(ctx)
  if (!widget) return ''
  return html`<div class="field"><div class="${widget.className}" data-sitekey="${ctx.config.captcha_site_key}"></div>
<noscript><p class="error">${ctx.words('hosted.needs_script')}</p></noscript></div><script src="${widget.script}" async defer></script>`
}

/** The part of a body that hands the solved captcha to the API. */
export function captchaFields(ctx: PageCtx): { gotrue_meta_security?: { captcha_token: string } } {
  const widget = widgetOf(ctx)
  return widget ? { gotrue_meta_security: { captcha_token: ctx.form[widget.field] ?? '' } } : {}
}
