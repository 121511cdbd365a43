/** An error reply of a daemon. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError'
  /** PROTOCOL's number. */
  readonly errno: number
  /** The daemon's own words. */
  readonly reason: string
  /** The kernel's error code; an original Circus sends none. */
  readonly code: string | undefined
  /** The whole reply. */
  readonly reply: Readonly<Record<string, unknown>>

  constructor(reply: Readonly<Record<string, unknown>>) {
    const reason = typeof reply.reason === 'string' ? reply.reason : 'the daemon gave no reason'
    super(reason)
    this.reason = reason
    this.errno = typeof reply.errno === 'number' ? reply.errno : 0
    this.code = typeof reply.code === 'string' ? reply.code : undefined
    this.reply = reply
  }
}
