// A second factor of an import, in the form of its table.

import type { Row } from '../../storage/import-rows.ts'
import { normalisePhone } from '../steps/requests/addresses.ts'
import { type Fields, LineError } from './record-form.ts'

type Given = NonNullable<Fields['factors']>[number]

/** The row, with its secret in clear, and without an id where the line names none. @throws LineError naming the field */
export function toFactor(given: Given): Row {
  const { factor_type, created_at, updated_at } = given
  const secret = factor_type === 'totp' ? secretOf(given) : (given.secret ?? '')
  const phone = factor_type === 'phone' ? phoneOf(given) : null
  return {
    ...given,
    status: given.status ?? 'verified',
    friendly_name: given.friendly_name ?? '',
    secret,
    phone,
    created_at: created_at ?? new Date().toISOString(),
    updated_at: updated_at ?? created_at ?? new Date().toISOString(),
  }
}

function secretOf({ secret = '' }: Given): string {
  const bare = secret.replace(/[\s-]|=+$/g, '').toUpperCase()
  if (!/^[A-Z2-7]{16,256}$/.test(bare)) throw new LineError('factors.secret: is not base32 of at least 16 letters')
  return bare
}

function phoneOf({ phone = '' }: Given): string {
  try {
    return normalisePhone(phone)
  } catch (error) {
    throw new LineError(`factors.phone: ${error instanceof Error ? error.message : 'cannot be read'}`)
  }
}
