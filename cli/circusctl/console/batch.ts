import { createInterface } from 'node:readline'
import type { ConsoleSession } from './session.ts'

/**
 * Carry out the lines of standard input, `circusctl < FILE`: nothing is printed but their answers, and a failure does not
 * keep the next one from running. Empty lines and those that begin with `#` are passed over. Resolves to the exit code
 * of the worst.
 */
export async function runBatch(session: ConsoleSession): Promise<number> {
  const interruption = new AbortController()
  process.once('SIGINT', () => interruption.abort())
  let worst = 0
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (/^\s*(#|$)/.test(line)) continue
    const outcome = await session.run(line, interruption.signal)
    if (outcome.id === 'exit') break
    worst = Math.max(worst, outcome.code)
    if (interruption.signal.aborted) break
  }
  return worst
}
