// Reads the character references in attributes that could change what a script, style or URL means.

const named: Record<string, string> = {
  quot: '"',
  QUOT: '"',
  apos: "'",
  amp: '&',
  AMP: '&',
  lt: '<',
  LT: '<',
  gt: '>',
  GT: '>',
  grave: '`',
  DiacriticalGrave: '`',
  sol: '/',
  bsol: '\\',
  lpar: '(',
  rpar: ')',
  lbrace: '{',
  lcub: '{',
  rbrace: '}',
  rcub: '}',
  lbrack: '[',
  lsqb: '[',
  rbrack: ']',
  rsqb: ']',
  quest: '?',
  num: '#',
  colon: ':',
  semi: ';',
  equals: '=',
  ast: '*',
  midast: '*',
  dollar: '$',
  excl: '!',
  Tab: '\t',
  NewLine: '\n',
}

/** Text with its character references read; those that stand for letters and the like stay as they are. */
export const readEntities = (text: string): string =>
  text.replace(
    /&(?:#[xX]([\da-fA-F]+)|#(\d+)|([A-Za-z]+));?/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole
      const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd'
    },
  )
