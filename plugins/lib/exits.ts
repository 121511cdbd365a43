import { type Circus, signalName } from '../../core/plugin.ts'

/** The end of a process, as events tell it. */
export interface ProcessExit {
  /** As topics name it. */
  readonly watcher: string
  readonly pid: number
  /** Unix seconds. */
  readonly time: number
  /** Its exit status; `null` when it was a signal, or nobody can tell. */
  readonly code: number | null
  /** What ended it; `null` when it was no signal. */
  readonly signal: string | null
  /** It had been asked to end. */
  readonly expected: boolean
}

/** Hear of each end of a process, and whether it was asked for. */
export function onExit(circus: Pick<Circus, 'on'>, listener: (exit: ProcessExit) => void | Promise<void>): void {
  /** Those that were asked to end, by watcher. */
  const asked = new Map<string, Set<number>>()
  circus.on('kill', ({ watcher, process_pid }) => {
    const pids = asked.get(watcher) ?? new Set()
    asked.set(watcher, pids.add(Number(process_pid)))
  })
  circus.on('reap', ({ watcher, process_pid, exit_code, time }) => {
    const pid = Number(process_pid)
    const pids = asked.get(watcher)
    const expected = pids?.delete(pid) ?? false
    if (pids?.size === 0) asked.delete(watcher)
    const known = typeof exit_code === 'number' ? exit_code : null
    const code = known !== null && known >= 0 ? known : null
    const signal = known !== null && known < 0 ? signalName(-known) : null
    return listener({ watcher, pid, time, code, signal, expected })
  })
  // Their ends are not told when they were let go.
  circus.on('remove', ({ watcher }) => void asked.delete(watcher))
}
