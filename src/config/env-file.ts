// Reads `.env` files as the reference does: NAME=value lines, quotes, comments.

const line = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*[=:][ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|([^\r\n]*))/gm

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

/** The variables of a file; a name that stands twice has its last value. Quoted values may span lines. */
export function readEnvFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const [, name = '', double, single, bare] of text.matchAll(line)) {
    if (double !== undefined) variables[name] = double.replace(/\\([\s\S])/g, (_, after: string) => escapes[after] ?? after)
    else if (single !== undefined) variables[name] = single
    else variables[name] = (bare ?? '').replace(/(^|\s)#.*$/, '').trim()
  }
  return variables
}
