/**
 * Where pipes are read to. What is read and has to be kept stays where it is, and the next read goes behind it: so nothing
 * is copied, and a block is used again when all that is in it is not needed any more.
 */

const BLOCK_BYTES = 512 * 1024
/** There is always room to read as much at a time; a pipe usually holds 64 KiB. */
const LEAST_BYTES = 128 * 1024
/** So many unused blocks are kept for the next reads. */
const SPARES = 6

interface Block {
  readonly bytes: Buffer
  /** How many of the pieces in it are still needed. */
  needed: number
  /** How much of it is taken. */
  taken: number
}

const spares: Block[] = []
let current: Block | undefined

/** What every read goes to, until some of it is kept. */
export function readBuffer(): Buffer {
  current ??= spares.pop() ?? { bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), needed: 0, taken: 0 }
  return current.bytes.subarray(current.taken)
}

/** Let go of what is not used now: nobody writes much. */
export function dropSpareBlocks(): void {
  spares.length = 0
}

/**
 * Keep what was read last, so many bytes of the read buffer. Returns how to tell, once, that they are not needed any more.
 */
export function keepRead(bytes: number): () => void {
  const block = current!
  block.needed++
  block.taken += bytes
  if (BLOCK_BYTES - block.taken < LEAST_BYTES) current = undefined
  return () => {
    if (--block.needed > 0) return
    block.taken = 0
    if (block !== current && spares.length < SPARES) spares.push(block)
  }
}
