import { setTimeout as sleep } from 'node:timers/promises'
import type { Output, OutputLine } from './api.ts'
import type { ServerSent } from './server-sent.ts'

/** Between two looks at what was written. */
const lookMs = 400
/** So many lines of each watcher are taken at one look. */
const mostLines = 500

interface Tail {
  readonly processes: readonly {
    readonly watcher: string
    readonly pid: number
    readonly sequence: number
    readonly kept_from: number
  }[]
  readonly lines: readonly (OutputLine & { readonly sequence: number; readonly unfinished?: true })[]
  readonly truncated: boolean
}

/** Asks for `tail`. */
export type AskTail = (lines: number) => Promise<Tail>

/**
 * Send what processes write until the page is closed: the last `first` lines, then each new one once, in the order of its
 * process. What came too fast to be kept is missing, and that is told.
 */
export async function follow(stream: ServerSent, ask: AskTail, first: number): Promise<void> {
  const seen = new Map<string, number>()
  for (let isFirst = true; !stream.closed.aborted; isFirst = false) {
    // Who does not read gets the rest later, with a gap where it was not kept.
    const message = stream.isBehind ? undefined : unseen(await ask(isFirst ? first : mostLines), seen, isFirst)
    if (message) stream.send('lines', JSON.stringify(message))
    await sleep(lookMs, undefined, { signal: stream.closed }).catch(() => {})
  }
}

/** What is new in it. `seen` holds how much of each process was sent, in bytes of what it wrote. */
export function unseen(tail: Tail, seen: Map<string, number>, isFirst: boolean): Output | undefined {
  const keyOf = ({ watcher, pid }: { watcher: string; pid: number }) => `${pid} ${watcher}`
  const lines: OutputLine[] = []
  let gap = false
  // A line without its end comes again with the rest.
  const finished = tail.lines.filter(({ unfinished }) => !unfinished)
  for (const { sequence, unfinished: _, ...line } of finished) {
    if (sequence > (seen.get(keyOf(line)) ?? -1)) lines.push(line)
  }
  const present = new Set<string>()
  for (const process of tail.processes) {
    const key = keyOf(process)
    present.add(key)
    const before = seen.get(key)
    if (!isFirst && process.kept_from > (before ?? 0)) gap = true
    const last = finished.findLast((line) => keyOf(line) === key)?.sequence
    seen.set(key, Math.max(before ?? 0, last ?? 0))
  }
  gap ||= !isFirst && tail.truncated
  for (const key of seen.keys()) if (!present.has(key)) seen.delete(key)
  return lines.length > 0 || isFirst ? { lines, ...(gap && { gap }) } : undefined
}
