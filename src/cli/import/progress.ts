// Says every two seconds how far an import is: of how many, how fast, and how long it will take.

const every_ms = 2000

/** Tells of progress; `total` lines in all; `clock` counts milliseconds. */
export function startProgress(total: number, say: (text: string) => void, clock = () => performance.now()) {
  const began = clock()
  let told = began
  return {
    tell(done: number, counts: Record<string, number>): void {
      const now = clock()
      if (now - told < every_ms) return
      told = now
      say(progressLine(done, total, (now - began) / 1000, counts))
    },
  }
}

/** `12,000 of 100,000 (12 %), 6,000 a second, 15 s left: …` */
function progressLine(done: number, total: number, passed_s: number, counts: Record<string, number>): string {
  const number = (value: number) => Math.round(value).toLocaleString('en')
  const rate = done / passed_s
  const left_s = Math.ceil((total - done) / rate)
  const left = left_s < 120 ? `${left_s} s` : `${Math.ceil(left_s / 60)} min`
  return `${number(done)} of ${number(total)} (${Math.floor((done / total) * 100)} %), ${number(rate)} a second, ${left} left: ${countsLine(counts)}`
}

/** `10 created, 0 updated, …` */
export const countsLine = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
