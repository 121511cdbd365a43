/** Bytes that one stream may have at once, and per second afterwards. */
const STREAM = { most: 4 * 1024 * 1024, perSecond: 1024 * 1024 }
/** The same for all together. */
const ALL = { most: 16 * 1024 * 1024, perSecond: 4 * 1024 * 1024 }
/** So much is left to those that have had little: one that floods does not take it all. */
const RESERVE_BYTES = 2 * 1024 * 1024
const LITTLE_BYTES = 1024 * 1024
/** So many streams are remembered before those that have not written for a while are forgotten. */
const REMEMBERED = 1024

/** How much output may be published: what comes at once goes through, what goes on and on is slowed down. */
export class OutputBudget {
  #all = new Bucket(ALL)
  readonly #streams = new Map<string, Bucket>()

  /** Whether there is room for so many bytes of a stream. */
  has(stream: string, bytes: number): boolean {
    const bucket = this.#bucketOf(stream)
    const hadLittle = bucket.left > STREAM.most - LITTLE_BYTES
    return bucket.left >= bytes && this.#all.left >= bytes + (hadLittle ? 0 : RESERVE_BYTES)
  }

  /** Take so many bytes for a stream, if there is room for them. */
  take(stream: string, bytes: number): boolean {
    if (!this.has(stream, bytes)) return false
    this.#bucketOf(stream).take(bytes)
    this.#all.take(bytes)
    return true
  }

  /** As at the beginning. */
  reset(): void {
    this.#all = new Bucket(ALL)
    this.#streams.clear()
  }

  #bucketOf(stream: string): Bucket {
    const known = this.#streams.get(stream)
    if (known) return known
    if (this.#streams.size >= REMEMBERED) {
      for (const [name, bucket] of this.#streams) if (bucket.left >= STREAM.most) this.#streams.delete(name)
    }
    const bucket = new Bucket(STREAM)
    this.#streams.set(stream, bucket)
    return bucket
  }
}

/** Holds so much at most, and fills up again. */
class Bucket {
  readonly #most: number
  readonly #perMs: number
  #left: number
  #since = performance.now()

  constructor({ most, perSecond }: { readonly most: number; readonly perSecond: number }) {
    this.#most = most
    this.#perMs = perSecond / 1000
    this.#left = most
  }

  get left(): number {
    const now = performance.now()
    this.#left = Math.min(this.#most, this.#left + (now - this.#since) * this.#perMs)
    this.#since = now
    return this.#left
  }

  take(bytes: number): void {
    this.#left -= bytes
  }
}
