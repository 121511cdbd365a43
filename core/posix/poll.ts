import { poll } from './libc.ts'

const POLLIN = 1
const ENTRY_BYTES = 8
let entries = Buffer.alloc(0)

/** Which of these descriptors are readable at this moment, in their order: of a listening socket, whether somebody waits. */
export function readable(fds: readonly number[]): boolean[] {
  if (entries.length < fds.length * ENTRY_BYTES) entries = Buffer.alloc(fds.length * ENTRY_BYTES)
  for (const [at, fd] of fds.entries()) {
    entries.writeInt32LE(fd, at * ENTRY_BYTES)
    entries.writeInt32LE(POLLIN, at * ENTRY_BYTES + 4) // nothing has come yet
  }
  if (poll(entries, fds.length, 0) <= 0) return fds.map(() => false)
  return fds.map((_, at) => (entries.readInt16LE(at * ENTRY_BYTES + 6) & POLLIN) !== 0)
}
