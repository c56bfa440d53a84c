// Checks of the templates of mails and messages: that each can be read, and that it is one.
import { basename } from 'node:path'
import { mailKinds } from '../../config/families.ts'
import type { Config } from '../../config/keys.ts'
import { readTemplate } from '../../delivery/read-template.ts'
import { parseTemplate } from '../../delivery/template/template.ts'
import { readTemplateFolder } from '../../delivery/template-folder.ts'
import type { Check } from './check.ts'
import { explainFailure } from './explain-failure.ts'

/** A template of the application's own: its text, or where it is. */
interface OwnTemplate {
  variable: string
  text?: string
  place?: string
}

const ownTemplates = (config: Config): OwnTemplate[] =>
  [
    ...mailKinds.flatMap((kind): OwnTemplate[] => [
      { variable: `GOTRUE_MAILER_SUBJECTS_${kind.toUpperCase()}`, text: config.mailer_subjects[kind] },
      { variable: `GOTRUE_MAILER_TEMPLATES_${kind.toUpperCase()}`, place: config.mailer_templates[kind] },
    ]),
    { variable: 'GOTRUE_SMS_TEMPLATE', text: config.sms_template },
    { variable: 'GOTRUE_MFA_PHONE_TEMPLATE', text: config.mfa_phone_template },
  ].filter(({ text, place }) => (text ?? place) !== '')

async function templateProblem(config: Config, { variable, text = '', place }: OwnTemplate): Promise<string[]> {
  let found = text
  try {
    if (place !== undefined) found = await readTemplate(place, { config, fetch })
  } catch (error) {
    const reason = error instanceof Error && /answered \d+/.test(error.message) ? error.message : explainFailure(error)
    return [`${variable}: the template cannot be read, so that a plain one is used; ${reason}`]
  }
  try {
    parseTemplate(found)
    return []
  } catch (error) {
    return [`${variable}: the template cannot be used: ${error instanceof Error ? error.message : error}`]
  }
}

const isText = ({ place }: OwnTemplate): boolean => place === undefined

const problemsOf = async (config: Config, which: (template: OwnTemplate) => boolean): Promise<string[]> =>
  (
    await Promise.all(
      ownTemplates(config)
        .filter(which)
        .map((template) => templateProblem(config, template)),
    )
  ).flat()

/** Each file of the folder is a template of a kind of mail, and can be read as one. */
async function folderProblems(config: Config): Promise<string[]> {
  const { mailer_templates_dir: folder } = config
  const variable = 'POSTERN_MAILER_TEMPLATES_DIR'
  try {
    const { files, others } = await readTemplateFolder(folder)
    const places = [...files.values()].flatMap((languages) => [...languages.values()].flatMap(Object.values))
    const problems = places.map((place) =>
      templateProblem(config, { variable: `${variable}: ${basename(place)}`, place }),
    )
    const unknown = others.map((name) => `${variable}: ${name} is named like no template, such as recovery.de.html`)
    return [...(await Promise.all(problems)).flat(), ...unknown]
  } catch (error) {
    return [`${variable}: the folder cannot be read; ${explainFailure(error)}`]
  }
}

/** What doctor looks at. */
export const templateChecks: readonly Check[] = [
  {
    name: 'subjects and messages',
    applies: (config) => ownTemplates(config).some(isText),
    run: ({ config }) => problemsOf(config, isText),
  },
  {
    name: 'templates at addresses',
    is_left_to_doctor: true,
    applies: (config) => !ownTemplates(config).every(isText),
    run: ({ config }) => problemsOf(config, (template) => !isText(template)),
  },
  {
    name: 'templates by language',
    applies: (config) => config.mailer_templates_dir !== '',
    run: ({ config }) => folderProblems(config),
  },
]
