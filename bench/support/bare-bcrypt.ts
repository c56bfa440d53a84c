// The bound of whatever hashes a password: bcrypt of the same cost by itself, on all cores.
import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/bcrypt'
import type { Item } from './in-turns.ts'
import { password } from './people.ts'
import { processorTime } from './processor-time.ts'

/** One comparison, in this process. */
export async function bareBcrypt(): Promise<Item> {
  const stored = await hash(password, { cost: 10 })
  return {
    name: 'bare bcrypt',
    clients: availableParallelism(),
    warm: 8,
    run: () => verify(password, stored),
    used: () => processorTime(process.pid),
  }
}
