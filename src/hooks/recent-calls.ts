// The last calls of each hook, kept in the memory of this server for whoever looks for a fault.
import type { HookName } from '../config/families.ts'

/** A call that has ended. */
export interface HookCall {
  /** RFC 3339. */
  at: string
  duration_ms: number
  outcome: 'answered' | 'failed'
  /** Of the refusal that it was made into; null for an answer. */
  status: number | null
  error_code: string
  message: string
}

/** The calls of a server; none holds what was sent or answered. */
export interface RecentCalls {
  note(name: HookName, call: HookCall): void
  /** Newest first. */
  of(name: HookName): readonly HookCall[]
}

const kept = 20

/** Keeps the last twenty of each hook. */
export function createRecentCalls(): RecentCalls {
  const calls = new Map<HookName, HookCall[]>()
  return {
    note(name, call) {
      calls.set(name, [call, ...(calls.get(name) ?? [])].slice(0, kept))
    },
    of: (name) => calls.get(name) ?? [],
  }
}
