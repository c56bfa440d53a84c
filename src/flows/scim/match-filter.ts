// Whether an element of a list fits a filter, for changes of some of its elements (RFC 7644 §3.5.2).
import type { ScimFilter } from '../../storage/scim-filter.ts'

/** An element of a list. */
export type Element = Record<string, unknown>

/** Whether an element fits. */
export function matchFilter(filter: ScimFilter, element: Element): boolean {
  switch (filter.kind) {
    case 'and':
      return matchFilter(filter.left, element) && matchFilter(filter.right, element)
    case 'or':
      return matchFilter(filter.left, element) || matchFilter(filter.right, element)
    case 'not':
      return !matchFilter(filter.filter, element)
    case 'some':
      return false
    case 'present':
      return (element[filter.path.names[0] ?? ''] ?? '') !== ''
    case 'compare':
      return matchValue(filter, element[filter.path.names[0] ?? ''])
  }
}

function matchValue({ path, operator, value }: Extract<ScimFilter, { kind: 'compare' }>, held: unknown): boolean {
  if (value === null) return (operator === 'eq') === ((held ?? '') === '')
  const missing = path.type === 'boolean' ? 'false' : null
  const text = held === undefined || held === null ? missing : String(held)
  if (text === null) return operator === 'ne'
  const [a, b] = path.exact ? [text, String(value)] : [text.toLowerCase(), String(value).toLowerCase()]
  const tests = {
    eq: () => a === b,
    ne: () => a !== b,
    co: () => a.includes(b),
    sw: () => a.startsWith(b),
    ew: () => a.endsWith(b),
    gt: () => a > b,
    ge: () => a >= b,
    lt: () => a < b,
    le: () => a <= b,
  }
  return tests[operator]()
}

/** The element that a filter of nothing but equalities describes, for a change that makes it; else null. */
export function describedElement(filter: ScimFilter): Element | null {
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.value !== null) {
    const { names, type } = filter.path
    const value = type === 'boolean' ? /^true$/i.test(String(filter.value)) : filter.value
    return { [names[0] ?? '']: value }
  }
  if (filter.kind !== 'and') return null
  const [left, right] = [describedElement(filter.left), describedElement(filter.right)]
  return left && right && { ...left, ...right }
}
