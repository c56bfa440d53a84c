// What people know an application by that waits at an address.

/** Its host; the scheme of its own that an application on a phone has instead. */
export function applicationAt(address: string): string {
  const { protocol, host } = new URL(address)
  return protocol === 'http:' || protocol === 'https:' ? host : protocol.slice(0, -1)
}
