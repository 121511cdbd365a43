import type { HistoryReply, WatcherState } from '../../../api.ts'
import { byName } from '../../store/store.ts'

type Values = (number | null)[]

/** One line of a graph. */
interface Line {
  /** `total`, or a pid. */
  readonly id: string
  readonly cpu: Values
  readonly rss: Values
}

/** What the graphs of a watcher show: times in Unix seconds, and as many values of each line. */
export interface History {
  readonly step: number
  readonly times: number[]
  readonly lines: Line[]
}

/** More lines than that tell nobody anything. */
const mostLines = 8

/** The daemon's answer, as graphs want it. */
export function fromReply({ step, until, points, cpu, rss, processes = {} }: HistoryReply): History {
  const times = Array.from({ length: points }, (_, at) => until - (points - 1 - at) * step)
  const total: Line = { id: 'total', cpu: [...cpu], rss: [...rss] }
  const single = Object.entries(processes)
    .sort(([a], [b]) => byName(a, b))
    .map(([id, values]) => ({ id, cpu: [...values.cpu], rss: [...values.rss] }))
  return { step, times, lines: [total, ...busiest(single)] }
}

/** Seconds. */
const smallGap = 3

/** Nothing yet: where nobody remembers, the graphs begin now. */
export const noHistory = (points: number, now: number): History => ({
  step: 1,
  times: Array.from({ length: points }, (_, at) => Math.floor(now) - (points - 1 - at)),
  lines: [{ id: 'total', cpu: Array(points).fill(null), rss: Array(points).fill(null) }],
})

/** Goes on by a second: the oldest values make room. `processes` says whether lines of single ones are wanted. */
export function goOn(history: History, now: number, watcher: WatcherState, processes: boolean): void {
  const { times, lines } = history
  const time = Math.floor(now)
  const last = times.at(-1) ?? 0
  if (time <= last) return
  const missed = Math.min(time - last, times.length)
  for (let second = missed - 1; second >= 0; second--) {
    times.shift()
    times.push(time - second)
    for (const { cpu, rss } of lines) {
      cpu.shift()
      rss.shift()
      cpu.push(null)
      rss.push(null)
    }
  }
  // A timer may come a little late: that is no gap.
  const back = missed <= smallGap ? missed : 1
  const [total, ...single] = lines
  if (total) put(total, back, watcher.cpu, watcher.rssBytes)
  if (!processes) return
  for (const line of single) {
    const process = watcher.processes?.[line.id]
    put(line, back, process?.cpu, process?.rssBytes)
  }
  for (const [id, { cpu, rssBytes }] of Object.entries(watcher.processes ?? {})) {
    if (lines.length > mostLines || single.some((line) => line.id === id)) continue
    const line = { id, cpu: Array(times.length).fill(null), rss: Array(times.length).fill(null) }
    put(line, 1, cpu, rssBytes)
    lines.push(line)
  }
  // A process that ended goes when nothing of it is to be seen any more.
  const gone = single.filter(({ cpu, rss }) => !cpu.some(isThere) && !rss.some(isThere))
  for (const line of gone) lines.splice(lines.indexOf(line), 1)
}

/** The last `back` values. */
function put(line: Line, back: number, cpu: number | undefined, rss: number | undefined): void {
  line.cpu.fill(cpu ?? null, -back)
  line.rss.fill(rss ?? null, -back)
}

const isThere = (value: number | null) => value !== null

function busiest(lines: readonly Line[]): readonly Line[] {
  const weight = ({ cpu }: Line) => cpu.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  if (lines.length <= mostLines) return lines
  const chosen = new Set([...lines].sort((a, b) => weight(b) - weight(a)).slice(0, mostLines))
  return lines.filter((line) => chosen.has(line))
}
