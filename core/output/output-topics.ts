import { topicName } from '../events.ts'
import { OutputBudget } from './output-budget.ts'
import type { OutputPiece } from './stream.ts'

/** The most bytes of output in one message. */
const MESSAGE_BYTES = 4 * 1024
/** The most characters of JSON in one message: bytes that are no text take up to six each. */
const MESSAGE_CHARACTERS = 3 * MESSAGE_BYTES
/** What is shown of a piece that came when there was no room: its end. */
const LATEST_BYTES = 2 * MESSAGE_BYTES
/** How long what came last waits for room, in milliseconds. */
const PAUSE_MS = 100
const LINE_END = 10

/** What came last of a stream that there is no room for. */
interface Behind {
  /** How many bytes of it were left out before `latest`. */
  dropped: number
  latest: Piece
}

/** A piece, or the end of one. */
interface Piece extends Omit<OutputPiece, 'kind' | 'endsLine' | 'notice'> {
  readonly kind: OutputPiece['kind']
  /** How many bytes the process had written with it. */
  readonly sequence: number
}

/**
 * The topics `output.<watcher>.<pid>.<stdout|stderr>`: what processes write, for those who subscribe to a beginning that
 * starts with `output.`. Whoever subscribes to everything does not mean that. Nothing is made that nobody wants, and of
 * what comes too fast, only as much as there is room for: of the rest, what came last, and how much is missing.
 */
export class OutputTopics {
  readonly #publish: (topic: string, text: string) => void
  #wanted: readonly string[] = []
  readonly #budget = new OutputBudget()
  /** By topic. */
  readonly #behind = new Map<string, Behind>()
  #timer: NodeJS.Timeout | undefined

  /** @param publish Sends a message: JSON. */
  constructor(publish: (topic: string, text: string) => void) {
    this.#publish = publish
  }

  /** What somebody subscribes to: beginnings of topics. */
  want(beginnings: Iterable<string>): void {
    this.#wanted = [...beginnings].filter((beginning) => beginning.startsWith('output.'))
    if (this.#wanted.length > 0) return
    this.#budget.reset()
    this.#behind.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** A piece of what a process wrote, and how many bytes that process had written with it. */
  add(piece: OutputPiece, sequence: number): void {
    if (this.#wanted.length === 0) return
    const topic = `output.${topicName(piece.watcher)}.${piece.pid}.${piece.kind}`
    if (!this.#wanted.some((beginning) => topic.startsWith(beginning))) return
    const { data, watcher, wid, pid, kind, time, startsLine } = piece
    this.#add(topic, { data, watcher, wid, pid, kind, time, startsLine, sequence })
  }

  #add(topic: string, piece: Piece): void {
    const behind = this.#behind.get(topic)
    if (behind) {
      behind.dropped += behind.latest.data.length
      this.#keepLatest(behind, piece)
      return
    }
    const rest = this.#send(topic, piece, 0)
    if (!rest) return
    const late: Behind = { dropped: 0, latest: rest }
    this.#keepLatest(late, rest)
    this.#behind.set(topic, late)
    this.#timer ??= setTimeout(() => this.#catchUp(), PAUSE_MS).unref()
  }

  /** Publish as much of a piece as there is room for. Returns what is left of it. */
  #send(topic: string, piece: Piece, dropped: number): Piece | undefined {
    const { data } = piece
    let missing = dropped
    for (let at = 0; at < data.length; ) {
      let end = messageEnd(data, at, MESSAGE_BYTES)
      if (!this.#budget.take(topic, end - at)) return part(piece, at, data.length)
      let text = messageOf(part(piece, at, end), missing)
      while (text.length > MESSAGE_CHARACTERS) {
        end = messageEnd(data, at, (end - at) >> 1)
        text = messageOf(part(piece, at, end), missing)
      }
      this.#publish(topic, text)
      missing = 0
      at = end
    }
    return undefined
  }

  /** Keep the end of a piece, from the beginning of a line if there is one. What is left out of it is counted. */
  #keepLatest(behind: Behind, piece: Piece): void {
    const { data } = piece
    let from = Math.max(0, data.length - LATEST_BYTES)
    if (from > 0) {
      const line = data.indexOf(LINE_END, from - 1) + 1
      from = line > 0 && line < data.length ? line : characterStart(data, from)
    }
    behind.dropped += from
    const latest = part(piece, from, data.length)
    // The buffer is somebody else's by the time it is sent.
    behind.latest = { ...latest, data: Buffer.from(latest.data) }
  }

  #catchUp(): void {
    this.#timer = undefined
    for (const [topic, { latest, dropped }] of [...this.#behind]) {
      if (!this.#budget.has(topic, latest.data.length)) continue
      const rest = this.#send(topic, latest, dropped)
      if (rest) this.#behind.set(topic, { dropped: 0, latest: rest })
      else this.#behind.delete(topic)
    }
    if (this.#behind.size > 0) this.#timer = setTimeout(() => this.#catchUp(), PAUSE_MS).unref()
  }
}

/** Where a message ends that begins at a place and has so many bytes at most: at the end of a line, or of a character. */
function messageEnd(data: Buffer, from: number, bytes: number): number {
  const end = from + Math.max(bytes, 16)
  if (end >= data.length) return data.length
  const line = data.subarray(from, end).lastIndexOf(LINE_END) + 1
  return line > 0 ? from + line : characterStart(data, end)
}

/** The beginning of the character that a byte belongs to, if it is one of UTF-8. */
function characterStart(data: Buffer, at: number): number {
  for (let start = at; start > at - 4 && start > 0; start--) if ((data[start]! & 0xc0) !== 0x80) return start
  return at
}

function part(piece: Piece, from: number, end: number): Piece {
  const { data, startsLine, sequence } = piece
  return {
    ...piece,
    data: data.subarray(from, end),
    startsLine: from === 0 ? startsLine : data[from - 1] === LINE_END,
    sequence: sequence - (data.length - end),
  }
}

function messageOf({ data, watcher, wid, pid, kind, time, startsLine, sequence }: Piece, dropped: number): string {
  return JSON.stringify({
    watcher,
    wid,
    pid,
    stream: kind,
    sequence,
    bytes: data.length,
    starts_line: startsLine,
    ...(dropped > 0 && { dropped }),
    data: data.toString('utf8'),
    time: time / 1000,
  })
}
