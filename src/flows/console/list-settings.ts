// GET /console/settings: every variable with what it holds, where that comes from, and what it means.
import { families } from '../../config/families.ts'
import { isKey } from '../../config/key-types.ts'
import { areas } from '../../config/keys.ts'
import type { AdminCtx } from '../../context.ts'
import { json, type Reply } from '../../reply.ts'
import { shownValue } from './shown-value.ts'

/** A variable. */
interface Setting {
  area: string
  /** The name it is set by, or the first that it can have. */
  name: string
  names: readonly string[]
  type: string
  value: string
  is_set: boolean
  is_secret: boolean
  fallback: string
  about: string
  /** Whether the feature is still missing. */
  pending: boolean
}

/** Answers with all variables by area, and with the warnings of the start. */
export function listSettings({ config, settings }: AdminCtx): Reply {
  const rows: Setting[] = []
  const add = (area: string, table: object, values: object): void => {
    for (const [name, entry] of Object.entries<object>(table as Record<string, object>)) {
      const value: unknown = Reflect.get(values, name)
      if (!isKey(entry)) {
        add(area === '' ? name : `${area}: ${name}`, entry, Object(value))
        continue
      }
      const set_by = entry.env.map((one) => settings.set_names.get(one)).find((found) => found !== undefined)
      const { type, is_secret, fallback, about, pending } = entry
      rows.push({
        area,
        name: set_by ?? entry.env[0] ?? name,
        names: entry.env,
        type,
        value: shownValue(entry, value),
        is_set: set_by !== undefined,
        is_secret,
        fallback: is_secret && fallback !== '' ? '••••••••' : fallback,
        about,
        pending,
      })
    }
  }
  for (const [area, table] of Object.entries(areas)) add(area, table, config)
  for (const [family, table] of Object.entries(families))
    add(titles[family as keyof typeof families], table, Object(config)[family])
  return json({ settings: rows, warnings: settings.warnings })
}

const titles: Record<keyof typeof families, string> = {
  external: 'External providers',
  hooks: 'Hooks',
  mailer_subjects: 'Subjects of mails',
  mailer_templates: 'Templates of mails',
  mailer_urlpaths: 'Paths of links in mails',
  mailer_notifications: 'Notifications',
}
