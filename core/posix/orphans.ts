import { readFileSync } from 'node:fs'
import { waitpid } from './libc.ts'
import { processEntry } from './proc.ts'

const WNOHANG = 1

/**
 * Takes leave of the dead children that nobody started here: as process 1 of a container, the daemon inherits every
 * process whose parent has ended.
 */
export class OrphanReaper {
  #seen: ReadonlySet<number> = new Set()

  /**
   * To be called now and then. A child that is found dead twice in a row, and is not `ours`, is reaped: whoever else
   * started children in this process (Node itself, for `child_process`) has long taken leave of theirs by then.
   */
  sweep(ours: ReadonlySet<number>): void {
    const dead = children().filter((pid) => !ours.has(pid) && processEntry(pid)?.zombie)
    for (const pid of dead) if (this.#seen.has(pid)) waitpid(pid, [0], WNOHANG)
    this.#seen = new Set(dead)
  }
}

function children(): number[] {
  try {
    const list = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    return list.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
