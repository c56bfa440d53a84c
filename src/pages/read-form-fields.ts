// Reads the form of a request within a bound.
import { boundedBytes } from '../bounded-bytes.ts'

/** The fields and files of a form. */
export interface FormFields {
  fields: [name: string, value: string][]
  files: Record<string, File>
}

/** A form with more bytes than its page takes. */
export class FormTooLarge extends Error {}

/**
 * The fields of a form, URL-encoded or with files; none of one that cannot be read.
 * @throws FormTooLarge over `max_bytes`
 */
export async function readFormFields(request: Request, max_bytes: number): Promise<FormFields> {
  const bytes = await readBytes(request, max_bytes)
  const content_type = request.headers.get('content-type') ?? ''
  const fields: FormFields['fields'] = []
  const files: FormFields['files'] = {}
  if (bytes.length === 0 || !/^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(content_type))
    return { fields, files }
  const form = await new Response(bytes, { headers: { 'content-type': content_type } }).formData().catch(() => null)
  for (const [name, value] of form ?? [])
    if (typeof value === 'string') fields.push([name, value])
    else files[name] = value
  return { fields, files }
}

async function readBytes(request: Request, max_bytes: number): Promise<Buffer<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > max_bytes) throw new FormTooLarge()
  const bytes = await boundedBytes(request.body, max_bytes)
  if (!bytes) throw new FormTooLarge()
  return bytes
}
