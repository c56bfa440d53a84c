// Values as text when nothing else is asked for, as Go's `%v` writes them.
import { Int, isNil, isObject, sortedEntries } from './values.ts'

/** Maps sorted by key, lists in brackets; nothing is `<nil>`. */
export function formatValue(value: unknown): string {
  if (isNil(value)) return '<nil>'
  if (value instanceof Int) return String(value.value)
  if (typeof value === 'number') return formatFloat(value)
  if (Array.isArray(value)) return `[${value.map(formatValue).join(' ')}]`
  if (isObject(value))
    return `map[${sortedEntries(value)
      .map(([name, member]) => `${name}:${formatValue(member)}`)
      .join(' ')}]`
  return String(value)
}

/** A value that is printed by itself: as above, but nothing prints nothing. */
export const printed = (value: unknown): string => (isNil(value) ? '' : formatValue(value))

/** Values one after the other, with a space between two that are no texts. */
export function printAll(values: readonly unknown[]): string {
  let text = ''
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string') text += ' '
    text += formatValue(value)
  })
  return text
}

/** Go turns the shortest digits of a float64 to an exponent below 1e-04 and from this power of ten up. */
const exponentFrom = 6

/** A float64 in its shortest digits: `12`, `0.5`, `1.2345678901e+10`. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [digits = '0', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  return exponent >= -4 && exponent < exponentFrom ? String(value) : `${digits}e${formatExponent(exponent)}`
}

/** An exponent with its sign and at least two digits. */
export const formatExponent = (exponent: number): string =>
  `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
