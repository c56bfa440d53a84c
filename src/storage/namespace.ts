// Statements name the schema `auth`; DB_NAMESPACE may give it another name.

/** Returns the rewriting of `auth.` to the given schema; texts come from our own code, so the results are kept. */
export function namespaceRewriter(namespace: string): (text: string) => string {
  if (namespace === 'auth') return (text) => text
  const schema = `"${namespace.replaceAll('"', '""')}".`
  const known = new Map<string, string>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const rewritten = text.replace(/\bauth\./g, () => schema)
    if (known.size < 2000) known.set(text, rewritten)
    return rewritten
  }
}
