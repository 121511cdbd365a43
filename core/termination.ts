import { kill } from 'node:process'
import type { Log } from './log.ts'
import { descendantsOf, type ProcessEntry, processEntry } from './posix/proc.ts'
import { SIGKILL, SIGSTOP } from './posix/signals.ts'
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
    how.log.warning(
      `process ${process.pid} did not end within ${how.graceMs / 1000} s: SIGKILL to it and to its descendants`,
    )
    await killDescendantsSoon(process)
    void how.send(process, SIGKILL)
  }
  return process.exited
}

/** SIGKILL processes and all their descendants, now. Never throws: who may not be killed is left. */
export function killTrees(processes: readonly Process[]): void {
  killDescendants(processes)
  for (const process of processes) signalTo(process, SIGKILL)
}

const waiting: { readonly process: Process; readonly done: () => void }[] = []

/** Looking through the process table takes a while: those whose time is over at once are looked up together. */
function killDescendantsSoon(process: Process): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (waiting.push({ process, done: resolve }) === 1) {
    setImmediate(() => {
      const batch = waiting.splice(0)
      killDescendants(batch.map(({ process }) => process))
      for (const { done } of batch) done()
    })
  }
  return promise
}

/** So often at most the process table is searched for those that were started meanwhile. */
const ROUNDS = 10

/**
 * SIGKILL all descendants of `processes`. Everybody is halted first, `processes` too, and looked up again until no new
 * one turns up: a process that notices the end of its child would start another, in a session where nobody finds it.
 */
function killDescendants(processes: readonly Process[]): void {
  const roots = processes.filter(({ alive }) => alive)
  if (roots.length === 0) return
  const pids = roots.map(({ pid }) => pid)
  for (const process of roots) signalTo(process, SIGSTOP)
  const halted = new Map<number, ProcessEntry>()
  for (let round = 0; round < ROUNDS; round++) {
    const young = descendantsOf(pids).filter(({ pid }) => !halted.has(pid))
    if (young.length === 0) break
    for (const entry of young) {
      halted.set(entry.pid, entry)
      sendTo(entry, SIGSTOP)
    }
  }
  for (const entry of halted.values()) sendTo(entry, SIGKILL)
}

function signalTo(process: Process, signum: number): void {
  try {
    process.signal(signum)
  } catch {
    // It became another user's.
  }
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
