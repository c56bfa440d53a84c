// The folder of templates by language: which files it has for a kind of mail.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { mailKinds } from '../config/families.ts'
import type { Config, MailKind } from '../config/keys.ts'
import type { Logger } from '../log.ts'

/** Paths of the files of one kind and language; what is not there is the default. */
export interface TemplateFiles {
  html?: string
  txt?: string
  subject?: string
}

/** The files of a kind by language, as their names have it; those without a language under `''`. */
export type FilesByLanguage = ReadonlyMap<string, TemplateFiles>

/** A folder that is looked at again now and then. */
export interface TemplateFolder {
  filesOf(kind: MailKind): Promise<FilesByLanguage>
}

/** What it needs. */
export interface TemplateFolderOptions {
  config: Pick<Config, 'mailer_templates_dir' | 'mailer_template_max_age'>
  log: Logger
  now(): number
}

type Files = Map<MailKind, Map<string, TemplateFiles>>
const none: FilesByLanguage = new Map()

/** Looks at most once in GOTRUE_MAILER_TEMPLATE_MAX_AGE; a folder that cannot be read is as it was. */
export function createTemplateFolder({ config, log, now }: TemplateFolderOptions): TemplateFolder {
  const { mailer_templates_dir: folder, mailer_template_max_age: max_age } = config
  let looked_at = Number.NEGATIVE_INFINITY
  let files: Promise<Files> = Promise.resolve(new Map())
  return {
    async filesOf(kind) {
      if (folder === '') return none
      if (now() - looked_at >= max_age) {
        looked_at = now()
        const before = files
        files = readTemplateFolder(folder).then(
          ({ files }) => files,
          (error: unknown) => {
            log.error({ err: error, event: 'templatemailer_folder_error' }, 'the folder of templates cannot be read')
            return before
          },
        )
      }
      return (await files).get(kind) ?? none
    },
  }
}

/**
 * The templates in a folder, and the names of its files that are none.
 * @throws Error when it cannot be read
 */
export async function readTemplateFolder(folder: string): Promise<{ files: Files; others: string[] }> {
  const files: Files = new Map()
  const others: string[] = []
  for (const name of await readdir(folder)) {
    const [, kind, language = '', part] =
      /^([a-z_]+)(?:\.([a-z]{2,8}(?:-[a-z\d]{1,8})*))?\.(html|txt|subject)$/i.exec(name) ?? []
    const known = mailKinds.find((each) => each === kind)
    if (known === undefined || part === undefined) {
      others.push(name)
      continue
    }
    const languages = files.get(known) ?? new Map<string, TemplateFiles>()
    languages.set(language, { ...languages.get(language), [part.toLowerCase()]: join(resolve(folder), name) })
    files.set(known, languages)
  }
  return { files, others }
}
