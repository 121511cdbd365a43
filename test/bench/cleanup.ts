import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allPids, commandLine, withDescendants, workingDirectory } from './proc.ts'
import { countSleepers } from './sleepers.ts'

/** A temporary folder and a number that mark what was started for one measurement: nobody else's processes carry them. */
export interface Ground extends Disposable {
  /** Holds every file of the manager, and is named in its command line or working directory. */
  readonly dir: string
  /** What the processes are told to sleep, in seconds. */
  readonly seconds: number
}

const grounds = new Set<Ground>()

/** A fresh ground. Disposing of it, or any end of this program but SIGKILL, kills what runs there and removes the folder. */
export function createGround(): Ground {
  const dir = mkdtempSync(join(tmpdir(), 'circusd-bench-'))
  const ground: Ground = {
    dir,
    seconds: 100_000_000 + Math.floor(Math.random() * 100_000_000),
    [Symbol.dispose]() {
      grounds.delete(ground)
      killLeftovers(ground)
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  clearOnExit()
  grounds.add(ground)
  return ground
}

// Managers first, or they would replace what is killed below them; again until a look finds nothing.
function killLeftovers({ dir, seconds }: Ground): void {
  for (let attempt = 0; attempt < 20; attempt++) {
    const managers = allPids().filter((pid) => pid !== process.pid && belongsTo(dir, pid))
    const leftovers = [...withDescendants(managers).reverse(), ...countSleepers(seconds)]
    const living = leftovers.filter((pid) => commandLine(pid)?.length)
    if (living.length === 0) return
    for (const pid of [...managers, ...living]) kill(pid)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  }
}

function belongsTo(dir: string, pid: number): boolean {
  return Boolean(commandLine(pid)?.some((argument) => argument.includes(dir)) || workingDirectory(pid)?.startsWith(dir))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

function clearOnExit(): void {
  if (process.listenerCount('exit', clear) > 0) return
  process.on('exit', clear)
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => process.exit(128 + number))
  }
}

function clear(): void {
  for (const ground of grounds) ground[Symbol.dispose]()
}
