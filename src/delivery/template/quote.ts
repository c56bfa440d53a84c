// Texts and characters in quotes, as printf's `%q` writes them.

/** Whether Go shows a character as it is. */
export const isPrintable = (character: string): boolean => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)
const short: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** A text as Go would write it in source; with `#` in backquotes where that is possible, with `+` in ASCII. */
export function quote(text: string, mark: '"' | "'", flags: string): string {
  if (mark === '"' && flags.includes('#') && !/[`\x7f\0-\x08\x0a-\x1f\ufeff]/.test(text)) return `\`${text}\``
  const inner = Array.from(text, (character) => {
    if (character === mark) return `\\${mark}`
    const known = short[character]
    if (known !== undefined) return known
    const code = character.codePointAt(0) ?? 0
    if (isPrintable(character) && (code < 0x80 || !flags.includes('+'))) return character
    const hex = code.toString(16)
    if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
    return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
  })
  return mark + inner.join('') + mark
}
