// `printf`, as Go's fmt has it: flags, width, precision, `*` and indexes of arguments.
import { failExecution } from './error.ts'
import { formatValue } from './format.ts'
import { showVerb } from './show-verb.ts'
import { isNil, numberOf, typeName } from './values.ts'

const directive =
  /%([-+# 0]*)(?:\[([^\]]*)\])?(\*|\d+)?(?:(\.)(?:\[([^\]]*)\])?(\*|\d+)?)?(?:\[([^\]]*)\])?([\s\S]|$)/gu

/** The most characters that one call writes. */
const maxLength = 1_000_000

/** Formats values; what does not fit is shown as Go shows it: `%!d(string=x)`. */
export function printf(format: string, args: readonly unknown[]): string {
  let next = 0
  let isReordered = false
  const room = { left: maxLength }
  const point = (index: string | undefined) => {
    if (index === undefined) return
    next = /^\d+$/.test(index) ? Number(index) - 1 : Number.NaN
    isReordered = true
  }
  /** A number that is written, or that `*` takes from the values; NaN when it takes none. */
  const sizeOf = (written: string | undefined): number => {
    if (written !== '*') return Number(written ?? 0)
    const size = numberOf(args[next++])
    return size !== null && Number.isInteger(size) ? size : Number.NaN
  }
  const text = format.replace(directive, (_, flags, first, width, dot, second, precision, third, letter: string) => {
    point(first)
    const wide = sizeOf(width)
    point(second)
    const exact = sizeOf(precision)
    point(third)
    if (Math.abs(wide) > maxLength || exact > maxLength) failExecution('the text is longer than a megabyte')
    const bad = `${Number.isNaN(wide) ? '%!(BADWIDTH)' : ''}${Number.isNaN(exact) ? '%!(BADPREC)' : ''}`
    if (letter === '') return `${bad}%!(NOVERB)`
    if (letter === '%') return `${bad}%`
    if (!(next >= 0 && next < args.length)) return `${bad}%!${letter}(${isReordered ? 'BADINDEX' : 'MISSING'})`
    return (
      bad +
      showVerb(args[next++], {
        letter,
        flags: wide < 0 ? `${flags}-` : flags,
        width: Math.abs(wide) || 0,
        precision: dot === undefined || !(exact >= 0) ? null : exact,
        room,
      })
    )
  })
  return isReordered ? text : text + showExtra(args.slice(next))
}

/** Values that the format does not ask for. */
function showExtra(values: readonly unknown[]): string {
  if (values.length === 0) return ''
  const shown = values.map((value) => (isNil(value) ? '<nil>' : `${typeName(value)}=${formatValue(value)}`))
  return `%!(EXTRA ${shown.join(', ')})`
}
