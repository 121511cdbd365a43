/** The way to a syslog server. One `send` at a time. */
export interface Transport {
  /**
   * Hand over messages, in their order; resolves when the server has them, as far as that can be known. Rejects, with
   * `NotAllSent` when some of them were handed over; the next call tries anew.
   */
  send(messages: readonly Buffer[]): Promise<void>
  /** What is under way, and anything later, fails. */
  close(): void
}

/** Only the first messages were handed over. */
export class NotAllSent extends Error {
  readonly sent: number
  /** Of the failure: `EMSGSIZE`. */
  readonly code: string | undefined

  constructor(sent: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.sent = sent
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code
  }
}
