// Statements name the schema `auth`; DB_NAMESPACE may give it another name.

/** Returns the rewriting of `auth.` to the given schema. */
export function namespaceRewriter(namespace: string): (text: string) => string {
  if (namespace === 'auth') return (text) => text
  const schema = `"${namespace.replaceAll('"', '""')}".`
  return remembered((text) => text.replace(/\bauth\./g, () => schema))
}

/** Keeps what `make` gives for a text of our own code, of which there are few; the first 2000 of them. */
export function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const made = make(text)
    if (known.size < 2000) known.set(text, made)
    return made
  }
}
