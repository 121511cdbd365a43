/** Bytes of one buffer for reading: as much as is read from a pipe at a time. */
const BUFFER_BYTES = 256 * 1024
/** So many unused buffers are kept for the next readers. */
const SPARES = 4

const spares: Buffer[] = []
let current: Buffer | undefined

/** The buffer that every read goes to, until somebody keeps it. */
export const readBuffer = (): Buffer => (current ??= spares.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES))

/**
 * Keep what was read last: the next read goes to another buffer. Returns how to give the buffer back once what is in it
 * is not needed any more.
 */
export function keepReadBuffer(): () => void {
  const kept = readBuffer()
  current = undefined
  return () => {
    if (spares.length < SPARES) spares.push(kept)
  }
}
