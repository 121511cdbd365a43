import type { OutgoingPiece } from '../../../core/output/backlog.ts'
import { Outlet, type OutletOptions, type Patience } from '../../../core/output/outlet.ts'
import type { OutputPiece, OutputStream } from '../../../core/output/stream.ts'
import { LogRecorder, Recorder } from '../../harness/index.ts'

/** A piece as a process of the watcher `web` would write it. */
export function piece(text: string | Buffer, changes: Partial<OutgoingPiece> = {}): OutgoingPiece {
  const data = Buffer.from(text)
  return {
    data,
    watcher: 'web',
    wid: 1,
    pid: 4711,
    kind: 'stdout',
    time: 0,
    startsLine: true,
    endsLine: data.at(-1) === 10,
    release() {},
    ...changes,
  }
}

/** The text of pieces. */
export const textOf = (pieces: readonly OutputPiece[]): string =>
  Buffer.concat(pieces.map(({ data }) => data)).toString()

/** Pauses that a test can wait for. */
export const impatient: Patience = { stallMs: 30, firstPauseMs: 1, longestPauseMs: 4, closingMs: 60 }

/** An outlet of a test, and what became of it. */
export class TestOutlet {
  readonly outlet: Outlet
  readonly log = new LogRecorder()
  /** `failure WHY` and `recovery LINES BYTES`. */
  readonly events = new Recorder<string>((event) => event)

  constructor(open: OutletOptions['open'], patience: Patience = impatient) {
    this.outlet = new Outlet({
      name: 'stdout_stream of web',
      log: this.log.log,
      open,
      notice: (text) => piece(`<${text}>\n`, { notice: true }),
      onFailure: (error) => this.events.add(`failure ${error}`),
      onRecovery: ({ lines, bytes }) => this.events.add(`recovery ${lines} ${bytes}`),
      patience,
    })
  }

  /** Push a line. */
  line(text: string): void {
    this.outlet.push(piece(`${text}\n`))
  }
}

/** A stream that keeps what is written to it, and can be told to wait or to fail. */
export class KeepingStream implements OutputStream {
  /** What each call has brought. */
  readonly batches: string[] = []
  /** Calls, in order: `write`, `reopen`, `close`. */
  readonly calls: string[] = []
  readonly written = new Recorder<string>((text) => text)
  /** Done before each write; what it throws or rejects with, the write does. */
  before: (pieces: readonly OutputPiece[]) => void | Promise<void> = () => {}
  #busy = false

  get text(): string {
    return this.batches.join('')
  }

  async write(pieces: readonly OutputPiece[]): Promise<void> {
    await this.#alone('write', () => this.before(pieces))
    this.batches.push(textOf(pieces))
    this.written.add(this.text)
  }

  reopen(): Promise<void> {
    return this.#alone('reopen', () => {})
  }

  close(): Promise<void> {
    return this.#alone('close', () => {})
  }

  /** Resolves when this is what was written, all in all. */
  until(text: string): Promise<string> {
    return this.written.until((all) => all === text)
  }

  async #alone(name: string, work: () => void | Promise<void>): Promise<void> {
    if (this.#busy) this.calls.push(`${name} while another call was under way`)
    this.#busy = true
    this.calls.push(name)
    try {
      await work()
    } finally {
      this.#busy = false
    }
  }
}
