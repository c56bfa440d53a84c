// Work that goes on beside an answer which did not wait for it, and that a server which stops ends first.

/** What goes on beside answers. */
export interface WorkBeside {
  /** Takes work that catches its own failures. */
  add(work: Promise<unknown>): void
  /** Waits until nothing goes on any more, what is added meanwhile included. */
  idle(): Promise<void>
}

/** Keeps what was added until it has ended. */
export function createWorkBeside(): WorkBeside {
  const open = new Set<Promise<unknown>>()
  return {
    add(work) {
      const kept = work.finally(() => open.delete(kept))
      open.add(kept)
    },
    async idle() {
      while (open.size > 0) await Promise.all(open)
    },
  }
}
