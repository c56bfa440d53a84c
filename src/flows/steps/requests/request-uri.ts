// Addresses as a request line may carry them (RFC 9112 §3.2): with a scheme, or a path from the root.

/** Whether a text is one; what it leads to, and whether there is such a host, is nobody's promise. */
export function isRequestUri(text: string): boolean {
  if (/[\u0000-\u001f\u007f]/.test(text)) return false
  const [, scheme = '', rest = ''] = /^(?:([a-z][a-z\d+.-]*):)?([^?]*)/i.exec(text) ?? []
  if (!rest.startsWith('/')) return scheme !== '' || text === '*'
  const authority = scheme === '' ? '' : (/^\/\/([^/]*)/.exec(rest)?.[1] ?? '')
  return isAuthority(authority) && !/%(?![\da-f]{2})/i.test(rest)
}

/** RFC 3986 §3.2, without a look at the userinfo. */
const isAuthority = (authority: string): boolean =>
  /^(\[[^\]\s]*\]|[^\s:[\]<>"\\^`{|}#]*)(:\d*)?$/.test(authority.replace(/^.*@/, ''))
