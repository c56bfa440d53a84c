// Fetches a template of a mail from where GOTRUE_MAILER_TEMPLATES_… says.
import { open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/keys.ts'

/** What reading needs. */
export interface ReadOptions {
  config: Pick<Config, 'mailer_template_max_size' | 'site_url'>
  fetch: typeof globalThis.fetch
}

const timeout_ms = 10_000

/**
 * Reads a URL, a `file:` URL, an absolute path of a file that exists, or a path of the site, within ten seconds; what is
 * over the limit of size is cut off silently, as in the reference.
 * @throws Error when it cannot be read, or the answer's status is not 200
 */
export async function readTemplate(place: string, { config, fetch }: ReadOptions): Promise<string> {
  const limit = config.mailer_template_max_size
  if (place.startsWith('file:')) return await readFileStart(fileURLToPath(place), limit)
  if (isAbsolute(place)) {
    const text = await readFileStart(place, limit).catch(() => null)
    if (text !== null) return text
  }
  const url = /^https?:/i.test(place) ? place : `${config.site_url.replace(/\/+$/, '')}/${place.replace(/^\/+/, '')}`
  const response = await fetch(url, { signal: AbortSignal.timeout(timeout_ms) })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the address of the template answered ${response.status}`)
  }
  return await readStart(response.body ?? [], limit)
}

async function readFileStart(path: string, limit: number): Promise<string> {
  const file = await open(path)
  try {
    return await readStart(file.createReadStream({ autoClose: false }), limit)
  } finally {
    await file.close()
  }
}

async function readStart(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limit: number): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    size += chunk.byteLength
    if (size >= limit) break
  }
  return new TextDecoder().decode(Buffer.concat(parts).subarray(0, limit))
}
