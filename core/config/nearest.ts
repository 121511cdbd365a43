/** The known name closest to a mistaken one, by edit distance; `undefined` when none is close enough to be meant. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = normal(name)
  const most = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)))
  let best: string | undefined
  let distance = most + 1
  for (const candidate of known) {
    const other = normal(candidate)
    if (Math.abs(other.length - wanted.length) >= distance) continue
    const steps = editDistance(wanted, other)
    if (steps < distance) [best, distance] = [candidate, steps]
  }
  return best
}

function normal(name: string): string {
  return name.toLowerCase().replaceAll('-', '_')
}

/** Insertions, deletions, replacements and swaps of neighbours between two short words. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, before[j - 2]! + 1)
    }
    before = last
    last = row
  }
  return last[b.length]!
}
