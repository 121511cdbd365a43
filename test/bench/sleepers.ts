import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { allPids, commandLine } from './proc.ts'

const napping = new Int32Array(new SharedArrayBuffer(4))

/** A pid that was handed out and is not (yet) one of the sleepers. */
interface Candidate {
  readonly since: number
  nextLook: number
}

/**
 * Finds the processes `sleep SECONDS` without asking, slowing or being a parent of anyone.
 *
 * The kernel tells the pid it gave out last in `/proc/loadavg`, a read of a few microseconds; only pids newer than the
 * last look are examined, until they have executed `sleep`. So one look costs the same with 5 or 5,000 processes around.
 * A young candidate is examined at each look, an older one more and more seldom (every 20 ms at most): a supervisor's
 * helper process never turns into a sleeper.
 */
export class Sleepers implements Disposable {
  /** Living sleepers, and when each was first seen (`performance.now()`). */
  readonly alive = new Map<number, number>()
  readonly #seconds: string
  readonly #candidates = new Map<number, Candidate>()
  readonly #loadavg = openSync('/proc/loadavg', 'r')
  readonly #buffer = Buffer.allocUnsafe(128)
  readonly #pidMax = Number(readFileSync('/proc/sys/kernel/pid_max', 'latin1'))
  #lastPid: number

  /** Only processes that start from now on are noticed. */
  constructor(seconds: number) {
    this.#seconds = String(seconds)
    this.#lastPid = this.#readLastPid()
  }

  /** Examines what is new. Returns how many are alive, if whoever dies was given to `forget`. */
  look(): number {
    const now = performance.now()
    this.#follow(now)
    for (const [pid, candidate] of this.#candidates) {
      if (now < candidate.nextLook) continue
      const argv = commandLine(pid)
      if (argv && isSleep(argv, this.#seconds)) {
        this.#candidates.delete(pid)
        this.alive.set(pid, performance.now())
      } else if (!argv && now - candidate.since > 1000) {
        // Not at once: a pid is given out a moment before there is a process to see.
        this.#candidates.delete(pid)
      } else candidate.nextLook = now + Math.min(20, (now - candidate.since) / 4)
    }
    return this.alive.size
  }

  /** Takes one out that is dead or about to die. */
  forget(pid: number): void {
    this.alive.delete(pid)
  }

  /**
   * Waits until `count` are alive and returns the moment (`performance.now()`) the last of them was seen, by a look
   * each millisecond; in the first `closelyMs` each 0.1 ms. Throws after `timeoutMs`.
   */
  async until(count: number, { closelyMs = 0, timeoutMs = 60_000 } = {}): Promise<number> {
    const begin = performance.now()
    for (let now = begin; this.look() < count; now = performance.now()) {
      if (now - begin > timeoutMs) {
        throw new Error(`${countSleepers(Number(this.#seconds)).length} of ${count} alive after ${timeoutMs / 1000} s`)
      }
      if (now - begin > closelyMs) await delay(1)
      else nap()
    }
    return performance.now()
  }

  /** Waits until none is alive. Throws after `timeoutMs`. */
  async untilGone({ timeoutMs = 60_000 } = {}): Promise<void> {
    const deadline = performance.now() + timeoutMs
    for (const pid of this.alive.keys()) {
      while (isSleep(commandLine(pid) ?? [], this.#seconds)) {
        if (performance.now() > deadline) throw new Error(`process ${pid} is still alive after ${timeoutMs / 1000} s`)
        await delay(1)
        this.look()
      }
      this.alive.delete(pid)
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#loadavg)
  }

  #follow(now: number): void {
    const last = this.#readLastPid()
    for (let pid = this.#lastPid; pid !== last; ) {
      pid = pid >= this.#pidMax ? 1 : pid + 1
      if (!this.alive.has(pid)) this.#candidates.set(pid, { since: now, nextLook: now })
    }
    this.#lastPid = last
  }

  #readLastPid(): number {
    const text = this.#buffer.toString('latin1', 0, readSync(this.#loadavg, this.#buffer, 0, this.#buffer.length, 0))
    return Number(text.slice(text.lastIndexOf(' ') + 1))
  }
}

/** All living `sleep SECONDS` of the machine, by reading the whole of /proc once. */
export function countSleepers(seconds: number): number[] {
  return allPids().filter((pid) => isSleep(commandLine(pid) ?? [], String(seconds)))
}

// A busy loop would take a core from what is being measured: on two cores it trebles the limit's figure.
function nap(): void {
  Atomics.wait(napping, 0, 0, 0.02)
}

function isSleep(argv: readonly string[], seconds: string): boolean {
  return argv.length === 2 && argv[1] === seconds && (argv[0] === 'sleep' || argv[0]!.endsWith('/sleep'))
}
