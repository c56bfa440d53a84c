// The application's own templates of mails: fetched, kept for a while, and replaced by the defaults when they fail.
import { mailKinds } from '../config/families.ts'
import type { Config, MailKind } from '../config/keys.ts'
import type { Logger } from '../log.ts'
import { readTemplate } from './read-template.ts'
import { parseTemplate, type Template } from './template/template.ts'
import {
  createTemplateChoice,
  type TemplateChoice,
  type TemplateChoiceOptions,
  type TemplateSource,
} from './template-choice.ts'
import { createTemplateFolder } from './template-folder.ts'

/** Templates of a mail, parsed. */
export interface MailTemplates {
  subject: Template
  body: Template
  /** The plain-text part, where there is a template for it. */
  text: Template | null
}

/** Gives the templates of a mail. */
export interface TemplateStore {
  /** For a kind and the tags of the languages that a person reads; may fetch, so never in a transaction. */
  templatesOf(kind: MailKind, languages: readonly string[]): Promise<MailTemplates & { choice: TemplateChoice }>
  /** Ends loading in the background. */
  stop(): void
}

/** What the store needs. */
export interface TemplateStoreOptions {
  config: Pick<
    Config,
    | 'mailer_template_max_size'
    | 'mailer_template_max_age'
    | 'mailer_template_retry_interval'
    | 'mailer_template_reloading_enabled'
    | 'mailer_template_reloading_max_idle'
    | 'site_url'
  > &
    TemplateChoiceOptions['config']
  fetch: typeof globalThis.fetch
  mail_texts: TemplateChoiceOptions['mail_texts']
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

/** Templates are loaded at first use; with reloading also in the background, until no mail was sent for a while. */
export function createTemplateStore(options: TemplateStoreOptions): TemplateStore {
  const { config, log, now } = options
  const choose = createTemplateChoice({ ...options, folder: createTemplateFolder(options) })
  const kept = new Map<string, Kept>()
  const defaults = new Map<string, MailTemplates>()
  let used_at = now()

  const defaultsOf = ({ key, defaults: { subject, body, text } }: TemplateChoice): MailTemplates => {
    const known = defaults.get(key) ?? {
      subject: parseTemplate(subject),
      body: parseTemplate(body),
      text: text === undefined ? null : parseTemplate(text),
    }
    defaults.set(key, known)
    return known
  }
  const entryOf = (key: string): Kept => {
    const never = Number.NEGATIVE_INFINITY
    const entry = kept.get(key) ?? { good: null, loaded_at: never, tried_at: never, loading: null }
    kept.set(key, entry)
    return entry
  }
  /** One load at a time a kind and language. */
  const refresh = (choice: TemplateChoice, entry: Kept): Promise<void> => {
    entry.tried_at = now()
    entry.loading ??= load(choice, entry).finally(() => {
      entry.loading = null
    })
    return entry.loading
  }
  const read = async (source: TemplateSource): Promise<string> =>
    'text' in source ? source.text : await readTemplate(source.place, options)

  async function load(choice: TemplateChoice, entry: Kept): Promise<void> {
    const { kind, locale, own } = choice
    const usual = defaultsOf(choice)
    let step = 'subject_http_error'
    const parsed = async (part: keyof MailTemplates) => {
      const source = own[part]
      step = `${part}_http_error`
      if (source === null) return usual[part]
      const text = await read(source)
      step = `${part}_parse_error`
      return parseTemplate(text)
    }
    try {
      const subject = (await parsed('subject')) ?? usual.subject
      entry.good = { subject, body: (await parsed('body')) ?? usual.body, text: await parsed('text') }
      entry.loaded_at = now()
    } catch (error) {
      const used = entry.good ? 'the last good template is used' : 'the default subject and body are used'
      const event = `templatemailer_template_${step}`
      log.error({ err: error, event, kind, ...(choice.is_by_locale && { locale }) }, used)
    }
  }
  const isDue = (entry: Kept, max_age: number) => {
    const isOld = entry.good === null || now() - entry.loaded_at >= max_age
    return isOld && now() - entry.tried_at >= config.mailer_template_retry_interval
  }
  const reload = async () => {
    if (now() - used_at > config.mailer_template_reloading_max_idle) return
    for (const kind of mailKinds) {
      const choice = await choose(kind, [])
      if (!isOwn(choice)) continue
      const entry = entryOf(choice.key)
      if (isDue(entry, config.mailer_template_max_age * early)) void refresh(choice, entry)
    }
  }
  const every_ms = Math.max(1000, config.mailer_template_retry_interval / 4)
  const timer = config.mailer_template_reloading_enabled ? setInterval(reload, every_ms).unref() : undefined
  if (timer) void reload()

  return {
    async templatesOf(kind, languages) {
      used_at = now()
      const choice = await choose(kind, languages)
      if (!isOwn(choice)) return { ...defaultsOf(choice), choice }
      const entry = entryOf(choice.key)
      if (isDue(entry, config.mailer_template_max_age)) await refresh(choice, entry)
      else if (entry.good === null) await entry.loading
      return { ...(entry.good ?? defaultsOf(choice)), choice }
    },
    stop: () => clearInterval(timer),
  }
}

const isOwn = ({ own }: TemplateChoice): boolean => Object.values(own).some((source) => source !== null)
