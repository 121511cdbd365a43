import { writeSync } from 'node:fs'
import { unblocked, writeWhatFits } from '../output/unblocked.ts'
import { type Entry, formatEntry, type Output } from './entry.ts'

/** So much is kept while nobody reads stderr: a terminal that was stopped, a pipe that is full. */
const KEPT_BYTES = 256 * 1024
/** How often, in milliseconds, it is tried again then. */
const AGAIN_MS = 20

/** `null`: stderr blocks, or never has to wait. */
let descriptor: number | null | undefined
let waiting: Buffer[] = []
let waitingBytes = 0
let lost = 0
let timer: NodeJS.Timeout | undefined

/** Records on stderr; nobody waits for whoever reads it. What a closed stderr does not take, or a full one for long, is lost. */
export const stderrOutput: Output = {
  write(entry: Entry): void {
    const record = Buffer.from(formatEntry(entry))
    try {
      // Records keep their order.
      const taken = waiting.length > 0 ? 0 : writeNow(record)
      if (taken < record.length) keep(record.subarray(taken))
    } catch {
      // EPIPE, EBADF: there is nowhere left to say so.
    }
  },
  reopen() {},
  close() {},
}

/** A sentence of the log about itself. */
export function tellStderr({ name }: { name: string }, text: string): void {
  stderrOutput.write({ time: new Date(), level: 'warning', name, text })
}

function writeNow(data: Buffer): number {
  if (descriptor === undefined) descriptor = unblocked(2) ?? null
  return descriptor === null ? writeSync(2, data) : writeWhatFits(descriptor, data)
}

function keep(record: Buffer): void {
  if (waitingBytes + record.length > KEPT_BYTES) lost++
  else {
    waiting.push(record)
    waitingBytes += record.length
  }
  timer ??= setInterval(flush, AGAIN_MS).unref()
}

function flush(): void {
  try {
    while (waiting.length > 0) {
      const [record] = waiting as [Buffer]
      const taken = writeNow(record)
      waitingBytes -= taken
      if (taken < record.length) {
        waiting[0] = record.subarray(taken)
        return
      }
      waiting.shift()
    }
  } catch {
    waiting = []
    waitingBytes = 0
  }
  clearInterval(timer)
  timer = undefined
  if (lost === 0) return
  const text = `nobody has read stderr: ${lost} records were lost here`
  lost = 0
  tellStderr({ name: 'circusd' }, text)
}
