// The application's own templates of mails: fetched, kept for a while, and replaced by the defaults when they fail.
import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config, MailKind } from '../config/keys.ts'
import type { Logger } from '../context.ts'
import { mailKindData } from './mail-kinds.ts'
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
  body: Template | null
  loaded_at: number
  tried_at: number
  loading: Promise<void> | null
}

/** Templates are loaded at first use; with reloading also in the background, until no mail was sent for a while. */
export function createTemplateStore(options: TemplateStoreOptions): TemplateStore {
  const { config, log, now } = options
  const kept = new Map<MailKind, Kept>()
  const subjects = new Map<MailKind, Template>()
  const defaults = new Map<MailKind, Template>()
  let used_at = now()

  const parsed = (cache: Map<MailKind, Template>, kind: MailKind, source: string): Template => {
    const known = cache.get(kind)
    if (known) return known
    const template = parseTemplate(source)
    cache.set(kind, template)
    return template
  }
  const defaultBody = (kind: MailKind) => parsed(defaults, kind, mailKindData[kind].body)
  const subjectOf = (kind: MailKind): Template => {
    const known = subjects.get(kind)
    if (known) return known
    const own = config.mailer_subjects[kind]
    try {
      if (own !== '') return parsed(subjects, kind, own)
    } catch (error) {
      log.error({ err: error, event: 'templatemailer_template_subject_parse_error', kind }, 'the default subject is used')
    }
    return parsed(subjects, kind, mailKindData[kind].subject)
  }

  async function load(kind: MailKind, entry: Kept): Promise<void> {
    entry.tried_at = now()
    let event = 'templatemailer_template_body_http_error'
    try {
      const text = await readTemplate(config.mailer_templates[kind], options)
      event = 'templatemailer_template_body_parse_error'
      entry.body = parseTemplate(text)
      entry.loaded_at = now()
    } catch (error) {
      log.error({ err: error, event, kind }, entry.body ? 'the last good template is used' : 'the default template is used')
    }
  }
  const refresh = (kind: MailKind, entry: Kept): Promise<void> => {
    entry.loading ??= load(kind, entry).finally(() => {
      entry.loading = null
    })
    return entry.loading
  }
  const entryOf = (kind: MailKind): Kept => {
    const entry = kept.get(kind) ?? { body: null, loaded_at: Number.NEGATIVE_INFINITY, tried_at: Number.NEGATIVE_INFINITY, loading: null }
    kept.set(kind, entry)
    return entry
  }
  const isDue = (entry: Kept, age: number) =>
    now() - entry.loaded_at >= age && now() - entry.tried_at >= config.mailer_template_retry_interval

  const timer = config.mailer_template_reloading_enabled
    ? setInterval(
        () => {
          if (now() - used_at > config.mailer_template_reloading_max_idle) return
          for (const kind of Object.keys(mailKindData) as MailKind[]) {
            const entry = config.mailer_templates[kind] === '' ? null : entryOf(kind)
            if (entry && isDue(entry, config.mailer_template_max_age * 0.9)) void refresh(kind, entry)
          }
        },
        Math.max(1000, config.mailer_template_retry_interval / 4),
      ).unref()
    : undefined

  return {
    async templatesOf(kind) {
      used_at = now()
      const subject = subjectOf(kind)
      if (config.mailer_templates[kind] === '') return { subject, body: defaultBody(kind) }
      const entry = entryOf(kind)
      if (entry.loading && !entry.body) await entry.loading
      else if (isDue(entry, config.mailer_template_max_age)) await refresh(kind, entry)
      return { subject: entry.body ? subject : parsed(new Map(), kind, mailKindData[kind].subject), body: entry.body ?? defaultBody(kind) }
    },
    stop: () => clearInterval(timer),
  }
}

/** A URL, a `file:` URL or an absolute path of a file that exists, or a path of the site. */
async function readTemplate(place: string, { config, fetch }: TemplateStoreOptions): Promise<string> {
  const limit = config.mailer_template_max_size
  if (place.startsWith('file:')) return (await readFile(fileURLToPath(place), 'utf8')).slice(0, limit)
  if (isAbsolute(place)) {
    const text = await readFile(place, 'utf8').catch(() => null)
    if (text !== null) return text.slice(0, limit)
  }
  const url = /^https?:/i.test(place) ? place : `${config.site_url.replace(/\/+$/, '')}/${place.replace(/^\/+/, '')}`
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  if (response.status !== 200) throw new Error(`the template's address answered ${response.status}`)
  return readLimited(response, limit)
}

/** The first bytes of a body; what is over the limit is cut. */
async function readLimited(response: { body: ReadableStream<Uint8Array> | null }, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= limit) break
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, limit))
}
