import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * A descriptor of our own for the pipe or terminal that `fd` is, which does not block: O_NONBLOCK on the one we were given
 * would be everybody's who has it. `undefined` for anything else, and where there is none to be had.
 */
export function unblocked(fd: 1 | 2): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    if (!fstatSync(fd).isFIFO() && !isatty(fd)) return undefined
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    // A terminal that belongs to somebody else, after su; a pipe that nobody reads any more.
    return undefined
  }
}

/** Write to such a descriptor. Returns how many bytes from `at` on it took, 0 when it takes none now. Throws when it fails. */
export function writeWhatFits(fd: number, data: Buffer, at = 0): number {
  try {
    return writeSync(fd, data, at, data.length - at)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
