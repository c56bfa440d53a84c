// The application's own templates of mails: fetched, kept for a while, and replaced by the defaults when they fail.
import type { Config, MailKind } from '../config/keys.ts'
import type { Logger } from '../log.ts'
import { mailKindData } from './mail-kinds.ts'
import { readTemplate } from './read-template.ts'
import { parseTemplate, type Template } from './template/template.ts'

/** Subject and body of a kind, parsed. */
export interface MailTemplates {
  subject: Template
  body: Template
}

/** Gives the templates of a kind. */
export interface TemplateStore {
  /** May fetch; never in a transaction. */
  templatesOf(kind: MailKind): Promise<MailTemplates>
  /** Ends loading in the background. */
  stop(): void
}

/** What the store needs. */
export interface TemplateStoreOptions {
  config: Pick<
    Config,
    | 'mailer_templates'
    | 'mailer_subjects'
    | 'mailer_template_max_size'
    | 'mailer_template_max_age'
    | 'mailer_template_retry_interval'
    | 'mailer_template_reloading_enabled'
    | 'mailer_template_reloading_max_idle'
    | 'site_url'
  >
  fetch: typeof globalThis.fetch
  log: Logger
  now(): number
}

interface Kept {
  good: MailTemplates | null
  loaded_at: number
  tried_at: number
  loading: Promise<void> | null
}

/** Part of the reference's age limit after which templates are fetched in the background. */
const early = 0.9
const kinds = Object.keys(mailKindData) as MailKind[]

/** Templates are loaded at first use; with reloading also in the background, until no mail was sent for a while. */
export function createTemplateStore(options: TemplateStoreOptions): TemplateStore {
  const { config, log, now } = options
  const kept = new Map<MailKind, Kept>()
  const defaults = new Map<MailKind, MailTemplates>()
  let used_at = now()

  const defaultsOf = (kind: MailKind): MailTemplates => {
    const { subject, body } = mailKindData[kind]
    const known = defaults.get(kind) ?? { subject: parseTemplate(subject), body: parseTemplate(body) }
    defaults.set(kind, known)
    return known
  }
  const entryOf = (kind: MailKind): Kept => {
    const never = Number.NEGATIVE_INFINITY
    const entry = kept.get(kind) ?? { good: null, loaded_at: never, tried_at: never, loading: null }
    kept.set(kind, entry)
    return entry
  }
  /** One load at a time a kind. */
  const refresh = (kind: MailKind, entry: Kept): Promise<void> => {
    entry.tried_at = now()
    entry.loading ??= load(kind, entry).finally(() => {
      entry.loading = null
    })
    return entry.loading
  }
  async function load(kind: MailKind, entry: Kept): Promise<void> {
    let step = 'subject_parse_error'
    try {
      const own = config.mailer_subjects[kind]
      const subject = own === '' ? defaultsOf(kind).subject : parseTemplate(own)
      step = 'body_http_error'
      const place = config.mailer_templates[kind]
      const source = place === '' ? mailKindData[kind].body : await readTemplate(place, options)
      step = 'body_parse_error'
      entry.good = { subject, body: parseTemplate(source) }
      entry.loaded_at = now()
    } catch (error) {
      const used = entry.good ? 'the last good template is used' : 'the default subject and body are used'
      log.error({ err: error, event: `templatemailer_template_${step}`, kind }, used)
    }
  }
  const isOwn = (kind: MailKind) => config.mailer_templates[kind] !== '' || config.mailer_subjects[kind] !== ''
  const isDue = (entry: Kept, max_age: number) => {
    const isOld = entry.good === null || now() - entry.loaded_at >= max_age
    return isOld && now() - entry.tried_at >= config.mailer_template_retry_interval
  }
  const reload = () => {
    if (now() - used_at > config.mailer_template_reloading_max_idle) return
    for (const kind of kinds.filter(isOwn)) {
      const entry = entryOf(kind)
      if (isDue(entry, config.mailer_template_max_age * early)) void refresh(kind, entry)
    }
  }
  const every_ms = Math.max(1000, config.mailer_template_retry_interval / 4)
  const timer = config.mailer_template_reloading_enabled ? setInterval(reload, every_ms).unref() : undefined
  if (timer) reload()

  return {
    async templatesOf(kind) {
      used_at = now()
      if (!isOwn(kind)) return defaultsOf(kind)
      const entry = entryOf(kind)
      if (isDue(entry, config.mailer_template_max_age)) await refresh(kind, entry)
      else if (entry.good === null) await entry.loading
      return entry.good ?? defaultsOf(kind)
    },
    stop: () => clearInterval(timer),
  }
}
