// Values as text, as Go's fmt writes them.

/** A whole number that was written in a template, apart from the floating-point numbers of JSON. */
export class Int {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** The number in a value, or null when it is none. */
export const numberOf = (value: unknown): number | null =>
  value instanceof Int ? value.value : typeof value === 'number' ? value : null

/** `%v`: null is nothing at the top, `<nil>` within; maps sorted by key; lists in brackets. */
export function formatValue(value: unknown, isInner = false): string {
  if (value === null || value === undefined) return isInner ? '<nil>' : ''
  if (value instanceof Int) return String(value.value)
  if (typeof value === 'number') return formatFloat(value)
  if (Array.isArray(value)) return `[${value.map((item) => formatValue(item, true)).join(' ')}]`
  if (typeof value === 'object') {
    const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `map[${pairs.map(([name, member]) => `${name}:${formatValue(member, true)}`).join(' ')}]`
  }
  return String(value)
}

/** Go's `%v` of a float64: the shortest digits, with an exponent below 1e-04 and from 1e+06 up. */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return '0'
  const [digits = '0', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < exponentFrom) return String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

/** strconv's format 'g' with the shortest digits turns to an exponent at this power of ten. */
const exponentFrom = 6

/** `printf` with the verbs that texts need; what does not fit shows as Go shows it. */
export function printf(format: string, args: readonly unknown[]): string {
  let next = 0
  const text = format.replace(
    /%([-+# 0]*)(\d*)(?:\.(\d*))?([a-zA-Z%])/g,
    (_, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%'
      if (next >= args.length) return `%!${verb}(MISSING)`
      const shown = formatVerb(verb, args[next++], flags, precision)
      const size = Math.min(Number(width || 0), 10_000)
      if (flags.includes('-')) return shown.padEnd(size)
      return flags.includes('0') && /^[dfxX]$/.test(verb) ? shown.padStart(size, '0') : shown.padStart(size)
    },
  )
  const extra = args.slice(next)
  return extra.length === 0
    ? text
    : `${text}%!(EXTRA ${extra.map((arg) => `${typeName(arg)}=${formatValue(arg, true)}`).join(', ')})`
}

function formatVerb(verb: string, value: unknown, flags: string, precision: string | undefined): string {
  const wrong = () =>
    value === null || value === undefined
      ? `%!${verb}(<nil>)`
      : `%!${verb}(${typeName(value)}=${formatValue(value, true)})`
  const number = numberOf(value)
  if (verb === 'v') return formatValue(value, true)
  if (verb === 's') {
    if (number !== null || typeof value === 'boolean' || value === null || value === undefined) return wrong()
    const text = formatValue(value, true)
    return precision === undefined ? text : [...text].slice(0, Number(precision)).join('')
  }
  if (verb === 'q') return typeof value === 'string' ? JSON.stringify(value) : wrong()
  if (verb === 't') return typeof value === 'boolean' ? String(value) : wrong()
  if (verb === 'd')
    return value instanceof Int ? `${flags.includes('+') && value.value >= 0 ? '+' : ''}${value.value}` : wrong()
  if (verb === 'x' && typeof value === 'string') return Buffer.from(value).toString('hex')
  if ((verb === 'x' || verb === 'X') && value instanceof Int) {
    const hex = value.value.toString(16)
    return verb === 'x' ? hex : hex.toUpperCase()
  }
  if (verb === 'f' && typeof value === 'number') return value.toFixed(Math.min(Number(precision ?? 6), 100))
  if ((verb === 'g' || verb === 'e') && typeof value === 'number') return formatFloat(value)
  if (verb === 'T') return typeName(value)
  return wrong()
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (value instanceof Int) return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'string' ? 'string' : 'map[string]interface {}'
}
