import { writeSync } from 'node:fs'
import { type Entry, formatEntry, type Output } from './entry.ts'

/** Records on stderr. What a closed or full stderr does not take is lost. */
export const stderrOutput: Output = {
  write(entry: Entry): void {
    try {
      writeSync(2, formatEntry(entry))
    } catch {
      // EPIPE, EAGAIN, EBADF: there is nowhere left to say so.
    }
  },
  reopen() {},
  close() {},
}

/** A sentence of the log about itself. */
export function tellStderr({ name }: { name: string }, text: string): void {
  stderrOutput.write({ time: new Date(), level: 'warning', name, text })
}
