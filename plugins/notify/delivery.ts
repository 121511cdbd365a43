/** A message did not get there. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered'
  /** Whether another try may work. */
  readonly isTemporary: boolean
  /** How long to wait at least, in milliseconds, if that was told. */
  readonly afterMs: number | undefined

  constructor(why: string, isTemporary: boolean, afterMs?: number) {
    super(why)
    this.isTemporary = isTemporary
    this.afterMs = afterMs
  }

  /** Whatever a delivery rejected with; `late`: what it means that its signal was aborted. */
  static of(error: unknown, late: string): Undelivered {
    if (error instanceof Undelivered) return error
    const { name, message } = error as Error
    return new Undelivered(name === 'TimeoutError' || name === 'AbortError' ? late : message, true)
  }
}
