import { defineStream, type OutputKind, type OutputPiece, type OutputStream, type Watcher } from '../../core/index.ts'
import { bytes, integer, optionsTable } from './options.ts'

/** What a line costs beside its bytes, about. */
const LINE_COST_BYTES = 300
const LINE_END = 10

/** One line that waits in a queue. */
export interface QueuedLine {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: OutputKind
  /** When it was read: Unix milliseconds. */
  readonly time: number
  /** The bytes as they were written, without the line end; of a line longer than 64 KiB, a part. */
  readonly data: Buffer
  /** The same as text; what is no UTF-8 is U+FFFD. */
  readonly line: string
  /** Whether words of the daemon about lost output. */
  readonly notice: boolean
}

/** The last lines of a stream in memory, for a program that takes them. The oldest give way when nobody does. */
export class QueueStream implements OutputStream, AsyncIterable<QueuedLine> {
  readonly wholeLines = true
  readonly #maxBytes: number
  readonly #maxLines: number
  /** Those before `#first` were taken: so taking from the front costs nothing. */
  #lines: (Line | undefined)[] = []
  #first = 0
  #bytes = 0
  #dropped = 0
  #closed = false
  #waiting: (() => void)[] = []

  constructor({ maxBytes, maxLines }: { readonly maxBytes: number; readonly maxLines: number }) {
    this.#maxBytes = maxBytes
    this.#maxLines = maxLines
  }

  /** How many lines wait. */
  get size(): number {
    return this.#lines.length - this.#first
  }

  /** How many lines have given way to newer ones. */
  get dropped(): number {
    return this.#dropped
  }

  /** The lines that wait, the oldest first; they stay. */
  peek(): QueuedLine[] {
    return this.#lines.slice(this.#first) as Line[]
  }

  /** Take lines out, the oldest first: all of them, or so many at most. */
  take(count = this.size): QueuedLine[] {
    const taken: Line[] = []
    while (taken.length < count && this.size > 0) taken.push(this.#shift())
    return taken
  }

  /** Take lines out as they come. Ends when the stream was closed and all were taken. */
  async *[Symbol.asyncIterator](): AsyncGenerator<QueuedLine, undefined> {
    for (;;) {
      if (this.size > 0) yield this.take(1)[0]!
      else if (this.#closed) return
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  write(pieces: readonly OutputPiece[]): void {
    for (const piece of pieces) {
      for (let begin = 0; begin < piece.data.length; ) {
        const end = piece.data.indexOf(LINE_END, begin)
        const line = new Line(piece, piece.data.subarray(begin, end < 0 ? undefined : end))
        begin = end < 0 ? piece.data.length : end + 1
        this.#push(line)
      }
    }
    this.#wake()
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }

  #push(line: Line): void {
    this.#lines.push(line)
    this.#bytes += line.cost
    while (this.size > 1 && (this.#bytes > this.#maxBytes || this.size > this.#maxLines)) {
      this.#shift()
      this.#dropped++
    }
  }

  #shift(): Line {
    const line = this.#lines[this.#first]!
    this.#lines[this.#first++] = undefined
    this.#bytes -= line.cost
    if (this.#first * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#first)
      this.#first = 0
    }
    return line
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

class Line implements QueuedLine {
  readonly watcher: string
  readonly wid: number
  readonly pid: number
  readonly stream: OutputKind
  readonly time: number
  readonly data: Buffer
  readonly notice: boolean

  constructor({ watcher, wid, pid, kind, time, notice }: OutputPiece, data: Buffer) {
    this.watcher = watcher
    this.wid = wid
    this.pid = pid
    this.stream = kind
    this.time = time
    this.data = copyOf(data)
    this.notice = notice === true
  }

  get line(): string {
    return this.data.toString('utf8')
  }

  get cost(): number {
    return this.data.length + LINE_COST_BYTES
  }
}

/** Of its own: a slice of Node's pool would keep all of the pool. */
function copyOf(data: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(data.length)
  data.copy(copy)
  return copy
}

/** Output stays in the daemon's memory. */
export const queueStream = defineStream({
  name: 'QueueStream',
  summary: 'the last lines in memory, for a program or a plugin that takes them',
  options: optionsTable({
    max_bytes: bytes('so many bytes of lines are kept', 1024 * 1024, { min: 1 }),
    max_lines: integer('so many lines are kept', 10_000, { min: 1 }),
  }),
  create: ({ max_bytes, max_lines }) => new QueueStream({ maxBytes: max_bytes, maxLines: max_lines }),
})

/**
 * The queue that a watcher's output goes to, for a program that embeds the arbiter or a plugin with the kernel's hooks.
 * Another one takes its place when the watcher's stream options are changed; this one ends then.
 *
 * @throws TypeError when that output goes elsewhere.
 */
export async function queueOf(watcher: Watcher, kind: OutputKind = 'stdout'): Promise<QueueStream> {
  const stream = await watcher.output.stream(kind)
  if (stream instanceof QueueStream) return stream
  throw new TypeError(`${kind}_stream of ${watcher.name} is no QueueStream`)
}
