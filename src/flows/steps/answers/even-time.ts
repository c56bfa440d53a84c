// Answers that must not tell by their time whether an address is known.

/** Milliseconds that such an answer takes at least: more than the work for a known address takes on an idle server. */
const floor_ms = 60

/** Does work and answers no sooner than the floor, whatever came of it (security rule 6). */
export async function evenTime<T>(work: () => Promise<T>): Promise<T> {
  const floor = new Promise<void>((resolve) => setTimeout(resolve, floor_ms))
  try {
    return await work()
  } finally {
    await floor
  }
}
