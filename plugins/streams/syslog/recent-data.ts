/** So long, in milliseconds, and so much is remembered. */
const RECENT_MS = 2_000
const RECENT_BYTES = 1024 * 1024

/**
 * What was sent on a connection lately. A machine that resets a connection had acknowledged data, but the program there had
 * not read all of it: then this comes again.
 */
export class RecentData {
  #sent: { readonly time: number; readonly data: Buffer }[] = []
  #bytes = 0

  /** The oldest first. */
  get all(): Buffer[] {
    return this.#sent.map(({ data }) => data)
  }

  add(data: Buffer): void {
    const time = Date.now()
    this.#sent.push({ time, data })
    this.#bytes += data.length
    while (time - this.#sent[0]!.time > RECENT_MS || (this.#bytes > RECENT_BYTES && this.#sent.length > 1)) {
      this.#bytes -= this.#sent.shift()!.data.length
    }
  }
}
