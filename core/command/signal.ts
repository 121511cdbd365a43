import { KernelError } from '../errors.ts'
import { childrenOf, descendantsOf, type ProcessEntry, processTable } from '../posix/proc.ts'
import type { Process } from '../process.ts'
import { flag, integer, properties } from '../schema.ts'
import { sendTo } from '../termination.ts'
import { defineCommand } from './command.ts'
import { name, signal as signum } from './properties.ts'

/**
 * `signal`: send a signal to the processes of a watcher (`name`), to one of them (`pid`), to one child of it
 * (`childpid`), to the children of either (`children`), or to a process and all its descendants (`recursive`).
 *
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_PROCESS_UNKNOWN`, `ERR_PROPERTY_INVALID`, `ERR_SYSTEM_CALL`
 */
export const signal = defineCommand({
  name: 'signal',
  summary: 'Send a signal.',
  role: 'operate',
  properties: properties({
    name,
    signum,
    pid: integer('one process of the watcher', undefined, 1),
    childpid: integer('one child of that process', undefined, 1),
    children: flag('the children in place of the process'),
    recursive: flag('the process and all its descendants'),
  }),
  async execute({ arbiter }, { name, signum, pid, childpid, children, recursive }) {
    const watcher = arbiter.watcher(name)
    if (childpid !== undefined && pid === undefined) {
      throw new KernelError('ERR_PROPERTY_MISSING', ['pid', 'cannot specify childpid without pid'])
    }
    const needsProcess = childpid !== undefined || children || recursive
    if (needsProcess && pid !== undefined) watcher.process(pid)
    // As in the original, it is no error when the process itself has ended meanwhile.
    const targets = watcher.processes.filter((process) => pid === undefined || process.pid === pid)
    const table = needsProcess ? processTable() : []
    if (childpid !== undefined) {
      sendAll([child(watcher.name, targets[0]!, childpid, table)], signum)
      return
    }
    for (const process of targets) {
      // Whoever is to get it is looked up first: the process may end of its own signal.
      const others = recursive ? descendantsOf(process.pid, table) : children ? childrenOf(process.pid, table) : []
      if (recursive || !children) await watcher.signal(process, signum)
      sendAll(others, signum)
    }
  },
})

function child(watcher: string, process: Process, pid: number, table: ProcessEntry[]): ProcessEntry {
  const found = childrenOf(process.pid, table).find((entry) => entry.pid === pid)
  if (found) return found
  throw new KernelError('ERR_PROCESS_UNKNOWN', [pid, watcher, process.pid])
}

function sendAll(entries: readonly ProcessEntry[], signum: number): void {
  for (const entry of entries) sendTo(entry, signum)
}
