// Imports of the console: begun, added to, started and looked at.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { AdminCtx } from '../../context.ts'
import { AuthError, invalid } from '../../errors.ts'
import { json, noContent, type Reply } from '../../reply.ts'
import { findImportJob, findImportJobs, insertImportJob } from '../../storage/import-jobs.ts'
import { administrator, audit } from '../steps/records/audit.ts'
import { operatorOf } from '../steps/records/operator.ts'
import { text } from '../steps/requests/fields.ts'
import { isUuid } from '../steps/requests/uuid.ts'
import { transact } from '../steps/transact.ts'
import { presets } from './presets.ts'

const flag = z.boolean().default(false)
const choices = {
  preset: text,
  upsert: flag,
  dry_run: flag,
  ignore_unknown: flag,
  without_passwords: flag,
  without_factors: flag,
}

export const importPartBody = z.object({ content: text })
export const startImportBody = z.object({ file_name: text, ...choices })

/** GET /console/imports: the last ones, and the forms that files can have. */
export async function listImports({ db }: AdminCtx): Promise<Reply> {
  const forms = Object.entries(presets).map(([name, { title, file }]) => ({ name, title, file }))
  return json({ imports: await findImportJobs(db, 50), presets: forms })
}

/** GET /console/imports/:import_id: how far it is, and what became of lines that were not taken. */
export async function getImport(ctx: AdminCtx): Promise<Reply> {
  const job = await findImportJob(ctx.db, idOfPath(ctx))
  if (!job) throw noSuchImport()
  return json(job)
}

/** POST /console/imports: an id for parts of a text. */
export const beginImport = (): Reply => json({ id: randomUUID() })

/** POST /console/imports/:import_id/parts: a part of the text. */
export function addImportPart(ctx: AdminCtx, { content }: z.infer<typeof importPartBody>): Reply {
  try {
    ctx.imports.add(idOfPath(ctx), content)
  } catch (error) {
    throw new AuthError(413, 'request_entity_too_large', 'The file is too large for the console', { cause: error })
  }
  return noContent()
}

/** POST /console/imports/:import_id/start: begins to import what was sent. */
export async function startImport(ctx: AdminCtx, body: z.infer<typeof startImportBody>): Promise<Reply> {
  const id = idOfPath(ctx)
  const { file_name, ...chosen } = body
  if (!presets[chosen.preset]) throw invalid('preset is not known')
  const operator = operatorOf(ctx)?.name ?? ''
  const { preset, dry_run } = chosen
  await transact(ctx, async (tx) => {
    await insertImportJob(tx, { id, operator, file_name, preset, dry_run })
    if (!dry_run) await audit(ctx, tx, administrator(ctx), 'accounts_imported', { file: file_name, preset })
  })
  ctx.imports.start({ id, file_name }, chosen)
  return json({ id })
}

function idOfPath({ path_params }: AdminCtx): string {
  const id = path_params.import_id ?? ''
  if (!isUuid(id)) throw noSuchImport()
  return id
}

const noSuchImport = (): AuthError => new AuthError(404, 'validation_failed', 'There is no such import')
