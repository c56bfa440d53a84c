// How long answers take, over connections that are kept alive.
import { Agent, request } from 'node:http'

/** Requests one after another on each of a few connections. */
export interface Asked {
  url: string
  headers: Record<string, string>
  count: number
  at_once: number
}

/** Milliseconds from a request to its whole answer. @throws Error when one is not 200 */
function timeOf(url: string, options: { agent: Agent; headers: Record<string, string> }): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const asked = request(url, options, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began)
        else reject(new Error(`status ${response.statusCode}`))
      })
    })
    asked.on('error', reject).end()
  })
}

/** Milliseconds of each of some requests. */
export async function timesOf({ url, headers, count, at_once }: Asked): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: at_once })
  const times: number[] = []
  let asked = 0
  const caller = async (): Promise<void> => {
    while (asked++ < count) times.push(await timeOf(url, { agent, headers }))
  }
  await Promise.all(Array.from({ length: at_once }, caller)).finally(() => agent.destroy())
  return times
}

/** The time that 99 of 100 stay under. */
export function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0
}
