const ARENA_BYTES = 1024 * 1024
/** So many unused ones are kept. */
const SPARES = 2

const spares: Buffer[] = []

/** Room for what is to be written, used again and again. */
export class Arena {
  #buffer: Buffer | undefined
  #used = 0

  /** A piece of so many bytes, whatever is in it. */
  take(bytes: number): Buffer {
    if (this.#used + bytes > ARENA_BYTES) return Buffer.allocUnsafeSlow(bytes)
    this.#buffer ??= spares.pop() ?? Buffer.allocUnsafeSlow(ARENA_BYTES)
    const begin = this.#used
    this.#used += bytes
    return this.#buffer.subarray(begin, this.#used)
  }

  /** What was taken is not needed any more. */
  clear(): void {
    this.#used = 0
  }

  /** Let go of the buffer as well. */
  release(): void {
    this.clear()
    if (this.#buffer && spares.length < SPARES) spares.push(this.#buffer)
    this.#buffer = undefined
  }
}
