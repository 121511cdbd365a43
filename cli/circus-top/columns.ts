import type { Style } from '../circusctl/output.ts'
import { formatSeconds, formatSize } from '../circusctl/units.ts'
import { stateStyle } from '../circusctl/watcher-table.ts'
import type { Glyphs } from './glyphs.ts'
import type { Row, RowFigures } from './rows.ts'
import type { SortKey } from './sort.ts'
import { sparkline } from './sparkline.ts'

/** One column of the table, after the first. */
interface Column {
  readonly title: string
  readonly width: number
  readonly text: (row: Row, width: number, glyphs: Glyphs) => string
  readonly style?: (row: Row) => Style | undefined
  readonly left?: boolean
  readonly sort?: SortKey
}

interface Candidate extends Column {
  /** Shown where there is room for it, and then so wide. */
  readonly long?: string
  /** Which figure it shows: without any, the column is left out. */
  readonly of: keyof RowFigures
  /** Taken in this order while there is room; above 10 only once the names have theirs. */
  readonly rank: number
}

/** What was laid out for a width. */
export interface Layout {
  /** The width of the first column: watchers and pids. */
  readonly name: number
  readonly gap: number
  readonly columns: readonly Column[]
}

/** The marks before each row: whether it is selected. */
export const gutter = 2
const leastName = 14
const mostName = 44
const longestMinute = 60

/** Find the columns that fit, given what the rows have to show. */
export function layOut(rows: readonly Row[], width: number, longestName: number): Layout {
  const gap = width < 110 ? 1 : 2
  const wanted = Math.min(mostName, Math.max(leastName, longestName))
  const usable = candidates
    .filter(({ of }) => rows.some(({ figures }) => figures[of] !== undefined))
    .toSorted((a, b) => a.rank - b.rank)
  let room = width - gutter - leastName
  const chosen = new Map<Candidate, number>()
  for (const candidate of usable) {
    const held = candidate.rank > 10 ? wanted - leastName : 0
    if (candidate.width + gap > room - held) break
    chosen.set(candidate, candidate.width)
    room -= candidate.width + gap
  }
  const name = Math.min(wanted, leastName + room)
  room -= name - leastName
  for (const candidate of chosen.keys()) {
    const more = (candidate.long?.length ?? 0) + 1 - candidate.width
    if (candidate.long === undefined || more > room) continue
    chosen.set(candidate, candidate.width + more)
    room -= more
  }
  const minute = candidates.find(({ of }) => of === 'minute')!
  const spare = Math.min(room, longestMinute - minute.width)
  if (chosen.has(minute)) chosen.set(minute, minute.width + spare)
  const columns = candidates.filter((candidate) => chosen.has(candidate))
  return { name, gap, columns: columns.map((candidate) => widened(candidate, chosen.get(candidate)!)) }
}

function widened({ long, title, ...column }: Candidate, width: number): Column {
  return { ...column, width, title: long !== undefined && width > long.length ? long : title }
}

const percent = (value: number | undefined) => (value === undefined ? '' : value.toFixed(1))
const size = (value: number | undefined) => (value === undefined ? '' : formatSize(value))
const count = (value: number | undefined) => (value === undefined ? '' : String(value))

/** What one processor can do, all but. */
const hot = 80

/** In the order in which they stand. */
const candidates: readonly Candidate[] = [
  {
    title: 'STATE',
    width: 8,
    left: true,
    of: 'status',
    rank: 4,
    text: ({ figures }) => figures.status ?? '',
    style: ({ figures: { status = '', reason } }) => stateStyle({ status, reason: reason ?? null }),
  },
  {
    title: 'CPU%',
    width: 6,
    of: 'cpu',
    rank: 1,
    sort: 'cpu',
    text: ({ figures }) => percent(figures.cpu),
    style: ({ figures: { cpu = 0 } }) => (cpu >= hot ? 'yellow' : undefined),
  },
  {
    title: 'LAST 60s',
    long: 'LAST MINUTE',
    width: 10,
    left: true,
    of: 'minute',
    rank: 5,
    text: ({ figures }, width, glyphs) =>
      figures.minute ? sparkline(figures.minute, width, longestMinute, glyphs.blocks) : '',
    style: () => 'cyan',
  },
  {
    title: 'MEMORY',
    width: 7,
    of: 'memoryBytes',
    rank: 2,
    sort: 'memory',
    text: ({ figures }) => size(figures.memoryBytes),
  },
  { title: 'MEM%', width: 5, of: 'memoryPercent', rank: 11, text: ({ figures }) => percent(figures.memoryPercent) },
  { title: 'VIRTUAL', width: 7, of: 'virtualBytes', rank: 18, text: ({ figures }) => size(figures.virtualBytes) },
  {
    title: 'AGE',
    width: 7,
    of: 'age',
    rank: 3,
    sort: 'age',
    text: ({ figures: { age } }) => (age === undefined ? '' : formatSeconds(age)),
  },
  { title: 'TIME', width: 9, of: 'cpuTime', rank: 13, text: ({ figures }) => figures.cpuTime ?? '' },
  {
    title: 'RST',
    long: 'RESTARTS',
    width: 4,
    of: 'restarts',
    rank: 6,
    sort: 'restarts',
    text: ({ figures }) => count(figures.restarts),
    style: ({ figures: { restarts = 0 } }) => (restarts > 0 ? 'yellow' : undefined),
  },
  { title: 'FDS', width: 5, of: 'fds', rank: 7, sort: 'fds', text: ({ figures }) => count(figures.fds) },
  {
    title: 'THR',
    long: 'THREADS',
    width: 4,
    of: 'threads',
    rank: 8,
    sort: 'threads',
    text: ({ figures }) => count(figures.threads),
  },
  { title: 'READ/s', width: 7, of: 'readRate', rank: 14, text: ({ figures }) => size(figures.readRate) },
  { title: 'WRITE/s', width: 7, of: 'writeRate', rank: 15, text: ({ figures }) => size(figures.writeRate) },
  { title: 'TREE%', width: 6, of: 'treeCpu', rank: 16, text: ({ figures }) => percent(figures.treeCpu) },
  { title: 'TREE MEM', width: 8, of: 'treeBytes', rank: 17, text: ({ figures }) => size(figures.treeBytes) },
  { title: 'NICE', width: 4, of: 'nice', rank: 19, text: ({ figures }) => count(figures.nice) },
  { title: 'USER', width: 8, left: true, of: 'user', rank: 12, text: ({ figures }) => figures.user ?? '' },
]
