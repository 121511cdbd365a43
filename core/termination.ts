import { kill } from 'node:process'
import type { Log } from './log.ts'
import { descendantsOf, type ProcessEntry, processEntry } from './posix/proc.ts'
import { SIGKILL } from './posix/signals.ts'
import type { Exit, Process } from './process.ts'

/** How a process is asked to end. */
export interface Termination {
  readonly signum: number
  /** Milliseconds between `signum` and SIGKILL. */
  readonly graceMs: number
  /** `signum` goes to its direct children too. */
  readonly children: boolean
  /** Sends a signal to the process, hooks and event included. `false`: it was kept back, or there is nobody left. */
  send(process: Process, signum: number): Promise<boolean>
  readonly log: Log
}

/**
 * Ask a process to end, and make it end once the grace time is over: SIGKILL then goes to it and to all its
 * descendants, those in other sessions included. Resolves when it has ended.
 */
export async function terminate(process: Process, how: Termination): Promise<Exit> {
  process.markStopping()
  const children = how.children ? process.children() : []
  await how.send(process, how.signum)
  for (const child of children) sendTo(child, how.signum)
  if (process.alive && !(await endsWithin(process, how.graceMs))) {
    const descendants = process.descendants()
    how.log.warning(
      `process ${process.pid} did not end within ${how.graceMs / 1000} s: SIGKILL` +
        (descendants.length > 0 ? `, to its ${descendants.length} descendants too` : ''),
    )
    for (const entry of descendants) sendTo(entry, SIGKILL)
    void how.send(process, SIGKILL)
    await process.exited
    // Whoever was started while the others were being killed is still in the session.
    for (const entry of descendantsOf(process.pid)) sendTo(entry, SIGKILL)
  }
  return process.exited
}

/** SIGKILL a process and all its descendants, now. */
export function killTree(process: Process): void {
  for (const entry of process.descendants()) sendTo(entry, SIGKILL)
  process.signal(SIGKILL)
}

/** Send a signal to a process that is not ours, if it still is the one that was seen. */
export function sendTo(entry: ProcessEntry, signum: number): boolean {
  if (processEntry(entry.pid)?.startTime !== entry.startTime) return false
  try {
    return kill(entry.pid, signum)
  } catch {
    return false
  }
}

async function endsWithin(process: Process, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1), false)
  void process.exited.then(() => resolve(true))
  const ended = await promise
  clearTimeout(timer)
  return ended
}
