// Finds the name that somebody may have meant.

/** Edit distance of two texts, where two neighbours that changed places are one step (Damerau), one row at a time. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = swap ? (before[j - 2] ?? 0) + 1 : change
      next.push(Math.min(change, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** The name that differs least, if by less than a third, or by one step from three letters on; null when none is near. */
export function nearestName(name: string, names: Iterable<string>): string | null {
  let best: string | null = null
  let least = name.length < 3 ? 0 : Math.max(name.length / 3, 1.5)
  for (const candidate of names) {
    const far = distance(name, candidate)
    if (far < least) {
      least = far
      best = candidate
    }
  }
  return best
}
