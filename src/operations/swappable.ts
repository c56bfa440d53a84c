// A server whose configuration changes while it serves: new requests go to the new one, the old one ends with its last request.
import type { Handle } from '../runtimes/node.ts'

/** A server behind a socket. */
export interface Served {
  fetch: Handle
  close(): Promise<void>
}

/** Answers with whichever server is current. */
export interface Swappable {
  handle: Handle
  /** Lets another server answer from now on; resolves once the one before has answered its last request and is closed. */
  swap(next: Served): Promise<void>
  /** Closes the current one. */
  close(): Promise<void>
}

interface Place {
  served: Served
  running: number
  /** Set once it is replaced: called when nothing runs in it any more. */
  emptied: (() => void) | null
}

/** Begins with a server. */
export function createSwappable(first: Served): Swappable {
  let current: Place = { served: first, running: 0, emptied: null }
  const closing = new Set<Promise<void>>()
  return {
    async handle(request, connection) {
      const place = current
      place.running++
      try {
        return await place.served.fetch(request, connection)
      } finally {
        if (--place.running === 0) place.emptied?.()
      }
    },
    swap(next) {
      const before = current
      current = { served: next, running: 0, emptied: null }
      const empty = new Promise<void>((resolve) => {
        before.emptied = resolve
        if (before.running === 0) resolve()
      })
      const closed = empty.then(() => before.served.close()).finally(() => closing.delete(closed))
      closing.add(closed)
      return closed
    },
    async close() {
      await Promise.all([current.served.close(), ...closing])
    },
  }
}
