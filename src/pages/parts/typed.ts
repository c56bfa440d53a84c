// Codes and numbers as people type them: with blanks and strokes between.
import type { PageCtx } from '../page.ts'

/** The code of a form, as the API compares it; `''` for none. */
export const typedCode = ({ form }: Pick<PageCtx, 'form'>): string => (form.code ?? '').replace(/[\s-]/g, '')

/** The phone number of a form; `''` for none. */
export const typedPhone = ({ form }: Pick<PageCtx, 'form'>): string => (form.phone ?? '').replace(/[\s()./-]/g, '')
