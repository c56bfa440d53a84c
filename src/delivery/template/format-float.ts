// Floating-point numbers in the forms of printf, rounded as Go rounds: to the nearest, halves to even.
import { formatExponent, formatFloat } from './format.ts'

/** The most digits that JavaScript writes out. */
const maxDigits = 99

/** A number that is not negative, by the letter of its verb; null when the verb is not for numbers like this. */
export function formatFloatAs(letter: string, value: number, precision: number | null): string | null {
  if (!'vgGeEfF'.includes(letter)) return null
  if (!Number.isFinite(value)) return formatFloat(value)
  const digits = Math.min(precision ?? 6, maxDigits)
  const isUpper = letter === 'E' || letter === 'G'
  const text =
    letter === 'f' || letter === 'F'
      ? fixed(value, digits)
      : letter === 'e' || letter === 'E'
        ? exponential(value, digits)
        : precision === null
          ? formatFloat(value)
          : general(value, Math.max(digits, 1))
  return isUpper ? text.toUpperCase() : text
}

/** Cuts a decimal that is written out in full after so many characters, rounding up where more than half is cut. */
const isDroppedHalf = (rest: string, last: string): boolean => /^50*$/.test(rest) && Number(last) % 2 === 0

function fixed(value: number, digits: number): string {
  // From here on all digits are before the point, and toFixed would write an exponent.
  if (value >= 1e21) return BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '')
  const all = value.toFixed(maxDigits + 1)
  const end = all.indexOf('.') + (digits > 0 ? digits + 1 : 0)
  const kept = all.slice(0, end)
  const rest = all.slice(end).replace('.', '')
  return isDroppedHalf(rest, kept.at(-1) ?? '') ? kept : value.toFixed(digits)
}

function exponential(value: number, digits: number): string {
  const [all = '', power = ''] = value.toExponential(maxDigits + 1).split('e')
  const end = digits > 0 ? digits + 2 : 1
  const kept = all.slice(0, end)
  const isHalf = isDroppedHalf(all.slice(end).replace('.', ''), kept.at(-1) ?? '')
  const [rounded = '', exponent = power] = isHalf ? [kept] : value.toExponential(digits).split('e')
  return `${rounded}e${formatExponent(Number(exponent))}`
}

/** The shorter of both forms, without zeros at the end. */
function general(value: number, digits: number): string {
  const [mantissa = '', power = '0'] = exponential(value, digits - 1).split('e')
  const exponent = Number(power)
  const trimmed = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (exponent < -4 || exponent >= digits) return `${trimmed(mantissa)}e${formatExponent(exponent)}`
  return trimmed(fixed(value, Math.min(digits - 1 - exponent, maxDigits)))
}
