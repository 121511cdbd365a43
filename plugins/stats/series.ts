/** No value: nobody looked. */
const NONE = 0xffff
/** Steps for each doubling: two neighbours differ by 0.07 %, so that no value is off by more than half of that. */
const STEPS = 1000
/** So many slots are made room for at first; then twice as many, until all are. */
const FIRST_SLOTS = 32

/**
 * Values over time, a row for each second or minute, in as little memory as there are rows, and never more than `slots` of
 * them. A value takes two bytes: zero is exact, and others up to 10 ^ 19 are within 0.04 %.
 */
export class Series {
  readonly #width: number
  readonly #slots: number
  #rows = new Uint16Array(0)
  /** The number of the latest row, counted from 1970. */
  #last = Number.NEGATIVE_INFINITY
  /** How many rows there are. */
  #length = 0

  /** @param width Values in a row. */
  constructor(width: number, slots: number) {
    this.#width = width
    this.#slots = slots
  }

  /** Bytes of memory, about. */
  get bytes(): number {
    return this.#rows.byteLength
  }

  /** Set row number `at`; an earlier one than the last is not changed any more. */
  set(at: number, values: readonly (number | null)[]): void {
    if (at < this.#last) return
    const passed = at - this.#last
    if (passed >= this.#slots) this.#length = 0
    this.#makeRoom(Math.min(this.#length === 0 ? 1 : this.#length + passed, this.#slots))
    for (let row = this.#length === 0 ? at : this.#last + 1; row < at; row++) this.#write(row, [])
    this.#length = Math.min(this.#length === 0 ? 1 : this.#length + passed, this.#slots)
    this.#last = at
    this.#write(at, values)
  }

  /** The values in one place of the rows from `from` to `to`; `null` where there is none. */
  read(place: number, from: number, to: number): (number | null)[] {
    const values: (number | null)[] = []
    for (let row = from; row <= to; row++) {
      const isThere = row <= this.#last && row > this.#last - this.#length
      values.push(isThere ? decode(this.#rows[this.#index(row) + place]!) : null)
    }
    return values
  }

  /** Give back the memory when the last row is older than `before`. */
  forget(before: number): void {
    if (this.#last >= before) return
    this.#rows = new Uint16Array(0)
    this.#length = 0
    this.#last = Number.NEGATIVE_INFINITY
  }

  #index(row: number): number {
    return (row % (this.#rows.length / this.#width)) * this.#width
  }

  #write(row: number, values: readonly (number | null)[]): void {
    const at = this.#index(row)
    for (let place = 0; place < this.#width; place++) this.#rows[at + place] = encode(values[place] ?? null)
  }

  #makeRoom(needed: number): void {
    const had = this.#rows.length / this.#width
    if (needed <= had) return
    let slots = Math.max(had, FIRST_SLOTS)
    while (slots < needed) slots *= 2
    const rows = new Uint16Array(Math.min(slots, this.#slots) * this.#width)
    const old = this.#rows
    const room = rows.length / this.#width
    for (let row = this.#last - this.#length + 1; this.#length > 0 && row <= this.#last; row++) {
      const from = (row % had) * this.#width
      rows.set(old.subarray(from, from + this.#width), (row % room) * this.#width)
    }
    this.#rows = rows
  }
}

const encode = (value: number | null): number =>
  value === null ? NONE : Math.min(Math.round(Math.log2(1 + Math.max(value, 0)) * STEPS), NONE - 1)

const decode = (code: number): number | null => (code === NONE ? null : 2 ** (code / STEPS) - 1)
