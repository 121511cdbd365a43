import { NotAllTaken, type OutputPiece } from './stream.ts'

/** What keeping a piece takes besides its bytes. */
const PIECE_COST = 200
/** The most that is taken at a time; a single piece may be more. */
const BATCH_BYTES = 1024 * 1024
const BATCH_PIECES = 1024
const LINE_END = 10

/** A piece on its way out. */
export interface OutgoingPiece extends OutputPiece {
  /** To be called when it was written or dropped. */
  release(): void
}

/** Output that was dropped. */
export interface Loss {
  readonly bytes: number
  readonly lines: number
}

export const noLoss: Loss = { bytes: 0, lines: 0 }

export const sumOf = (a: Loss, b: Loss): Loss => ({ bytes: a.bytes + b.bytes, lines: a.lines + b.lines })

/** Stands where pieces were dropped. */
interface Gap {
  readonly lost: Loss
}

type Entry = OutgoingPiece | Gap

/** What is to be written at a time. */
export interface Batch {
  readonly entries: readonly Entry[]
  /** The same, with words in place of gaps. */
  readonly pieces: readonly OutgoingPiece[]
}

/** Pieces that wait for a stream, in their order, and where some were dropped. */
export class Backlog {
  #entries: Entry[] = []
  #waiting = 0
  #underWay = 0
  /** Whether the first is the rest of a piece of which the stream has taken a part, in mid-line. */
  #isCut = false

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Whether something was dropped that the stream was not told of. */
  get hasGap(): boolean {
    return this.#entries.some(isGap)
  }

  /** What it takes in memory, about: the bytes of all pieces, those being written too, and something for each of them. */
  get cost(): number {
    return this.#waiting + this.#underWay
  }

  push(piece: OutgoingPiece): void {
    this.#entries.push(piece)
    this.#waiting += costOf(piece)
  }

  /** What is to be written next. `notice` makes the piece that tells of what was dropped. */
  take(notice: (lost: Loss) => OutgoingPiece): Batch {
    // Nothing may come between the two parts of a line.
    const entries = this.#entries.splice(0, this.#isCut ? 1 : this.#batchLength())
    this.#underWay = totalCost(entries)
    this.#waiting -= this.#underWay
    return { entries, pieces: entries.map((entry) => (isGap(entry) ? notice(entry.lost) : entry)) }
  }

  /** It was written. Returns the loss that it has told. */
  written({ entries, pieces }: Batch): Loss {
    this.#underWay = 0
    this.#isCut = false
    for (const piece of pieces) piece.release()
    return lossOf(entries)
  }

  /** It was not, or not all of it: the rest comes again. Returns the loss that was told all the same. */
  notWritten({ entries, pieces }: Batch, error: unknown): Loss {
    this.#underWay = 0
    let taken = error instanceof NotAllTaken ? error.takenBytes : 0
    let whole = 0
    for (; whole < pieces.length && taken >= pieces[whole]!.data.length; whole++) {
      taken -= pieces[whole]!.data.length
      pieces[whole]!.release()
      this.#isCut = false
    }
    const rest = entries.slice(whole)
    const first = pieces[whole]
    const begun = first !== undefined && taken > 0
    if (begun) {
      this.#isCut = first.data[taken - 1] !== LINE_END
      rest[0] = restOf(first, taken)
    }
    this.#entries.unshift(...rest)
    this.#waiting += totalCost(rest)
    return lossOf(entries.slice(0, begun ? whole + 1 : whole))
  }

  /** Drop the oldest until what waits costs no more than that, or a single piece is left. */
  dropOldest(cost: number): void {
    const from = this.#isCut ? 1 : 0
    let to = from
    let lost = noLoss
    while (this.#waiting > cost && to < this.#entries.length - 1) lost = sumOf(lost, this.#drop(this.#entries[to++]!))
    if (to === from) return
    const next = this.#entries[to]!
    if (isGap(next)) lost = sumOf(lost, this.#drop(this.#entries[to++]!))
    this.#entries.splice(from, to - from, { lost })
  }

  /** Drop everything. Returns all that was lost and never told of. */
  clear(): Loss {
    const lost = this.#entries.reduce((sum, entry) => sumOf(sum, this.#drop(entry)), noLoss)
    this.#entries = []
    this.#isCut = false
    return lost
  }

  /** Take over what waits in another backlog; it was there before what waits here. */
  inherit(other: Backlog): void {
    this.#entries = [...other.#entries, ...this.#entries]
    this.#waiting += other.#waiting
    other.#entries = []
    other.#waiting = 0
    other.#isCut = false
  }

  #batchLength(): number {
    let count = 0
    for (let bytes = 0; count < BATCH_PIECES && count < this.#entries.length; count++) {
      bytes += costOf(this.#entries[count]!)
      if (count > 0 && bytes > BATCH_BYTES) break
    }
    return count
  }

  #drop(entry: Entry): Loss {
    if (isGap(entry)) return entry.lost
    this.#waiting -= costOf(entry)
    entry.release()
    let lines = 0
    for (let at = entry.data.indexOf(LINE_END); at >= 0; at = entry.data.indexOf(LINE_END, at + 1)) lines++
    return { bytes: entry.data.length, lines }
  }
}

const isGap = (entry: Entry): entry is Gap => 'lost' in entry

const costOf = (entry: Entry): number => (isGap(entry) ? 0 : entry.data.length + PIECE_COST)

const totalCost = (entries: readonly Entry[]): number => entries.reduce((sum, entry) => sum + costOf(entry), 0)

const lossOf = (entries: readonly Entry[]): Loss =>
  entries.reduce((sum, entry) => (isGap(entry) ? sumOf(sum, entry.lost) : sum), noLoss)

/** What is left of a piece of which the first bytes were taken. */
function restOf(piece: OutgoingPiece, takenBytes: number): OutgoingPiece {
  const startsLine = piece.data[takenBytes - 1] === LINE_END
  return { ...piece, data: piece.data.subarray(takenBytes), startsLine }
}
