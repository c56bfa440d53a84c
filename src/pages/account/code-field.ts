// The field for a code of a message, a mail or an app.
import type { Html } from '../page.ts'
import { inputField } from '../parts/form.ts'
import type { FormError } from '../parts/notice.ts'

/** The field `code`, which browsers fill in by themselves where they can. */
export const codeField = (label: string, errors: readonly FormError[]): Html =>
  inputField(
    {
      name: 'code',
      label,
      code: true,
      autocomplete: 'one-time-code',
      inputmode: 'numeric',
      maxlength: 20,
      required: true,
    },
    errors,
  )
