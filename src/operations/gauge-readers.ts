// Who is asked for the values of gauges, and what they say together: a machine that is being reloaded has two servers for a moment.
import type { gauges, Readings } from '../meter.ts'

/** Readers that come and go. */
export interface GaugeReaders {
  add(read: () => Promise<Readings> | Readings): () => void
  /** What all of them say, added up; one that fails is left out. */
  read(): Promise<Map<keyof typeof gauges, number>>
}

/** Begins without any. */
export function createGaugeReaders(): GaugeReaders {
  const readers = new Set<() => Promise<Readings> | Readings>()
  return {
    add(read) {
      readers.add(read)
      return () => readers.delete(read)
    },
    async read() {
      const sums = new Map<keyof typeof gauges, number>()
      for (const one of await Promise.allSettled([...readers].map(async (ask) => ask())))
        if (one.status === 'fulfilled')
          for (const [key, value] of entriesOf(one.value)) sums.set(key, (sums.get(key) ?? 0) + (value ?? 0))
      return sums
    },
  }
}

/** The rows of a table with the names that it has. */
export const entriesOf = <Table extends object>(table: Table) =>
  Object.entries(table) as [keyof Table, Table[keyof Table]][]
