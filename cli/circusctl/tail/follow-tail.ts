import { setTimeout as sleep } from 'node:timers/promises'
import type { EventSubscriber, PublishedEvent } from '../../../core/client.ts'
import type { Session } from '../command.ts'
import { exit } from '../failure.ts'
import { printable } from '../table.ts'
import { formatSize } from '../units.ts'
import { askProcess, askTail, merged, type Tail, topicsOf, type Wanted } from './ask.ts'
import { LinePrinter } from './line-printer.ts'
import { isMixed, tellTruncated } from './print-tail.ts'
import { type Gap, type Piece, pieceOf, Written } from './written.ts'

/** A line that has no end is shown when nothing came for so long, in milliseconds. */
const quietMs = 1_000
/** Pause between attempts to reach a daemon that is gone, in milliseconds. */
const retryMs = 500
/** What came before a connection ended is read until nothing comes for so long, in milliseconds. */
const drainMs = 100
/** So many processes are asked about at a time. */
const together = 16
/** How often it is told that something is missing, in milliseconds. */
const gapsMs = 1_000

/**
 * Print the last lines and then what comes, of processes and watchers that come later, too, until Ctrl-C, or, with a pid,
 * until that process has ended. When the daemon goes it is waited for. Resolves to the exit code.
 */
export async function followTail(session: Session, wanted: Wanted): Promise<number> {
  await using follower = new Follower(session, wanted)
  return await follower.run()
}

class Follower implements AsyncDisposable {
  readonly #session: Session
  readonly #wanted: Wanted
  readonly #topics: readonly string[]
  readonly #written: Written
  #printer: LinePrinter | undefined
  #subscriber: EventSubscriber | undefined
  /** Watchers that are meant, and those that are not. */
  readonly #meant = new Set<string>()
  readonly #others = new Set<string>()
  #quiet: NodeJS.Timeout | undefined
  readonly #gaps = new Map<string, Gap>()
  #gapTimer: NodeJS.Timeout | undefined

  constructor(session: Session, wanted: Wanted) {
    this.#session = session
    this.#wanted = wanted
    this.#topics = topicsOf(wanted)
    this.#written = new Written(wanted, {
      lines: (lines) => this.#printer?.print(lines),
      gap: (gap) => this.#missing(gap),
    })
    session.interrupted.addEventListener('abort', () => void this.#subscriber?.close(), { once: true })
  }

  async run(): Promise<number> {
    await this.#connect()
    while (!this.#interrupted) {
      if (await this.#read()) return exit.done
      if (!this.#interrupted) await this.#connectAgain()
    }
    return exit.interrupted
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#quiet)
    this.#written.flush()
    this.#tellGaps()
    await this.#subscriber?.close()
  }

  get #interrupted(): boolean {
    return this.#session.interrupted.aborted
  }

  /** Subscribe, and print what there is. Subscribed first, asked then: nothing is missed in between. */
  async #connect(): Promise<void> {
    const isFirst = this.#printer === undefined
    this.#subscriber = await this.#session.daemon.subscribe(this.#topics)
    if (isFirst) {
      const tail = await this.#ask(this.#wanted.lines)
      this.#printer = new LinePrinter(this.#session.output, {
        json: this.#session.json,
        prefixed: isMixed(tail, this.#wanted),
      })
      tellTruncated(tail)
      this.#written.answer(tail, true)
    } else await this.#catchUp()
    // The daemon may have heard of the subscription just after it answered: now it has.
    await this.#catchUp()
  }

  async #connectAgain(): Promise<void> {
    const { daemon } = this.#session
    this.#tell(`the connection to ${daemon.endpoint} was lost: waiting for a daemon there`)
    for (;;) {
      await sleep(retryMs, undefined, { signal: this.#session.interrupted }).catch(() => {})
      if (this.#interrupted) return
      try {
        await this.#connect()
        this.#tell('connected again')
        return
      } catch (error) {
        await this.#subscriber?.close()
        if (!isPassing(error) && !this.#interrupted) throw error
      }
    }
  }

  /** Print what comes until the connection ends. Whether what was waited for has come to its end. */
  async #read(): Promise<boolean> {
    const subscriber = this.#subscriber!
    let draining: NodeJS.Timeout | undefined
    // What came before is here still.
    void subscriber.lost.then(() => (draining = setTimeout(() => void subscriber.close(), drainMs)))
    try {
      for await (const event of subscriber) {
        draining?.refresh()
        const piece = pieceOf(event)
        if (piece) await this.#add(piece)
        else if (this.#isEnd(event)) {
          await this.#tryTo(() => this.#catchUp())
          return true
        }
      }
      return false
    } finally {
      clearTimeout(draining)
      await subscriber.close()
    }
  }

  async #add(piece: Piece): Promise<void> {
    if (this.#others.has(piece.watcher)) return
    if (!this.#meant.has(piece.watcher)) {
      // A watcher that was added later: only the daemon knows which it means.
      if (!(await this.#tryTo(() => this.#catchUp()))) return
      if (!this.#meant.has(piece.watcher)) {
        this.#others.add(piece.watcher)
        return
      }
    }
    if (!this.#written.add(piece)) {
      await this.#tryTo(() => this.#catchUpWith([piece]))
      this.#written.add(piece, true)
    }
    if (this.#written.isCrowded) await this.#tryTo(() => this.#catchUp())
    this.#awaitQuiet()
  }

  /** Print what was written and has not come. */
  async #catchUp(): Promise<void> {
    const { processes, time } = await this.#ask(0)
    await this.#catchUpWith(processes.filter((writer) => this.#written.isNews(writer)))
    this.#written.forgetAllBut(processes, time)
  }

  async #catchUpWith(processes: readonly Pick<Piece, 'watcher' | 'pid'>[]): Promise<void> {
    const { daemon } = this.#session
    for (let at = 0; at < processes.length; at += together) {
      const some = processes.slice(at, at + together)
      const tails = await Promise.all(some.map((writer) => askProcess(daemon, writer, this.#wanted.stream)))
      this.#written.answer(merged(tails))
    }
    this.#awaitQuiet()
  }

  /** `false`: the daemon has gone, and what it published before is still to be read. */
  async #tryTo(catchUp: () => Promise<void>): Promise<boolean> {
    try {
      await catchUp()
      return true
    } catch (error) {
      if (!isPassing(error)) throw error
      return false
    }
  }

  async #ask(lines: number): Promise<Tail> {
    const patient = this.#printer ? 'all' : 'patterns'
    const tail = await askTail(this.#session.daemon, this.#wanted, lines, patient)
    for (const watcher of tail.watchers) this.#meant.add(watcher)
    return tail
  }

  /** The process that is followed has ended. */
  #isEnd({ event, payload }: PublishedEvent): boolean {
    return this.#wanted.pid !== undefined && event === 'reap' && payload.process_pid === this.#wanted.pid
  }

  #awaitQuiet(): void {
    if (this.#quiet) this.#quiet.refresh()
    else if (this.#written.holds) {
      this.#quiet = setTimeout(() => {
        this.#quiet = undefined
        this.#written.flush()
      }, quietMs)
    }
  }

  #missing(gap: Gap): void {
    const key = `${gap.pid} ${gap.watcher}`
    this.#gaps.set(key, { ...gap, bytes: gap.bytes + (this.#gaps.get(key)?.bytes ?? 0) })
    this.#gapTimer ??= setTimeout(() => this.#tellGaps(), gapsMs)
  }

  #tellGaps(): void {
    clearTimeout(this.#gapTimer)
    this.#gapTimer = undefined
    for (const { watcher, wid, pid, bytes } of this.#gaps.values()) {
      if (this.#session.json) this.#session.output.printJson({ watcher, wid, pid, missing_bytes: bytes })
      else this.#tell(`${printable(watcher)}.${wid} (pid ${pid}): ${formatSize(bytes)} are missing: it writes too fast`)
    }
    this.#gaps.clear()
  }

  #tell(text: string): void {
    process.stderr.write(`circusctl tail: ${text}\n`)
  }
}

/** Whether a daemon that answers like that may be there again later. */
function isPassing(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'ERR_UNREACHABLE' || code === 'ERR_CALL_TIMEOUT' || code === 'ERR_ARBITER_STOPPING'
}
