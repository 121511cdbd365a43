import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE_MS } from '../../testing/recorder.ts'

/** Whether a process runs. One that has ended and waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))
  } catch {
    return false
  }
}

/** Whether a process ignores SIGTERM by now. */
export function ignoresTerm(pid: number): boolean {
  const [, mask = '0'] = /^SigIgn:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (BigInt(`0x${mask}`) >> 14n) % 2n === 1n
}

/** Resolves when none of the processes runs any more. */
export function untilDead(...pids: number[]): Promise<void> {
  return untilTrue(() => !pids.some(isAlive), `the end of ${pids.join(', ')}`)
}

/** Resolves when `holds` does: for what nobody tells, like the state of a process that is not ours. */
export async function untilTrue(holds: () => boolean, what = String(holds)): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`)
    await sleep(10)
  }
}
