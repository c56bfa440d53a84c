// How V8's heap grows, by measurement (docs/performance.md): left alone, its young generation reaches 32 MB while modules
// are read, and the old one more than a server that answers briefly ever needs.
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes of each of the two halves of the young generation. */
const wanted = 4 * 1024 * 1024

const letGrow = (mayGrow: boolean): void => setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`)

/** For a process that starts: holds the young generation as it is, since V8 reads its own limit only before the first script runs. */
export function holdHeap(): void {
  setFlagsFromString('--heap-growing-percent=50')
  letGrow(false)
}

/** For a server that answers: lets the young generation grow to its size and no further. */
export function growHeap(): void {
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
