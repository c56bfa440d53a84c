// The young generation of V8's heap is kept at a size by measurement: left alone it grows to 32 MB while modules are
// read, which costs a server memory and saves it little.
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes of each of its two halves; docs/performance.md has what others cost. */
const wanted = 4 * 1024 * 1024

const letGrow = (mayGrow: boolean): void => setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)

/** Holds it as it is, for a process that starts. V8 reads its own limit only before the first script runs. */
export const holdYoungGeneration = (): void => letGrow(false)

/** Lets it grow to that size and no further, for a server that answers. */
export function growYoungGeneration(): void {
  let isGrowing = false
  const steer = () => {
    const mayGrow = capacity() < wanted
    if (mayGrow === isGrowing) return
    isGrowing = mayGrow
    letGrow(mayGrow)
  }
  steer()
  // V8 shrinks it when nothing is asked for long.
  new PerformanceObserver(steer).observe({ entryTypes: ['gc'] })
}

function capacity(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  return space ? space.space_used_size + space.space_available_size : wanted
}
