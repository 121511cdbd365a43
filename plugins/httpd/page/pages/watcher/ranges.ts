/** What a graph can show. */
export interface Range {
  readonly id: string
  readonly title: string
  readonly step: 'second' | 'minute'
  readonly points: number
}

export const ranges: readonly Range[] = [
  { id: '1m', title: '1 min', step: 'second', points: 60 },
  { id: '10m', title: '10 min', step: 'second', points: 600 },
  { id: '1h', title: '1 h', step: 'minute', points: 60 },
  { id: '6h', title: '6 h', step: 'minute', points: 360 },
  { id: '24h', title: '24 h', step: 'minute', points: 1_440 },
]

const key = 'circus-range'

/** The one that was chosen last: it outlives a reload of the page. */
export function lastRange(): Range {
  try {
    const id = sessionStorage.getItem(key)
    return ranges.find((range) => range.id === id) ?? ranges[0]!
  } catch {
    return ranges[0]!
  }
}

export function rememberRange({ id }: Range): void {
  try {
    sessionStorage.setItem(key, id)
  } catch {
    // Then it is chosen anew.
  }
}
