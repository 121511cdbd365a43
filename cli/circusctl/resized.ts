import type { Reply } from './command.ts'

/** What `incr` and `decr` answered, as the original prints it. */
export function resized({ singleton, numprocesses = 'ok' }: Reply): string {
  return singleton === undefined
    ? String(numprocesses)
    : 'This watcher is a Singleton - not changing the number of processes'
}
