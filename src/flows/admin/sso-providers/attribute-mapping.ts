// Which attributes of an assertion become which claims, as administrators send it and as it is kept: without what says nothing.
import { z } from 'zod'
import { isJsonObject } from '../../../json-values.ts'
import { text, texts } from '../../steps/requests/fields.ts'

/** The named members of an object, in any case as everywhere in bodies; null and absent are the same. */
const members =
  (...names: string[]) =>
  (given: unknown): unknown => {
    if (!isJsonObject(given)) return given
    const found = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const)
    return Object.fromEntries(found.filter(([name, value]) => names.includes(name) && value !== null))
  }

const rule = z.preprocess(
  (given) => members('name', 'names', 'default', 'array')(given ?? {}),
  z
    .object({
      name: text,
      names: texts.default([]),
      default: z.unknown().optional(),
      array: z.boolean().default(false),
    })
    .transform(({ name, names, default: fallback, array }) => ({
      ...(name !== '' && { name }),
      ...(names.length > 0 && { names }),
      ...(fallback !== undefined && { default: fallback }),
      ...(array && { array }),
    })),
)

/** A mapping; one without `keys` changes nothing. */
export const attributeMapping = z
  .preprocess(members('keys'), z.object({ keys: z.record(z.string(), rule).optional() }))
  .optional()

/** A mapping as it is kept: one without keys is none. */
export const keptMapping = ({ keys = {} }: z.infer<typeof attributeMapping> = {}): Record<string, unknown> =>
  Object.keys(keys).length === 0 ? {} : { keys }
