import { setTimeout as sleep } from 'node:timers/promises'
import { complete } from '../completion/complete.ts'
import type { Knowledge } from '../completion/values.ts'
import { quoted, readTyped } from './words.ts'

/** How long Tab waits for what the daemon knows, in milliseconds. */
const patienceMs = 1_000

/**
 * What `node:readline` asks with Tab: the words that the last one of `line` (which ends at the cursor) can become, quoted
 * as it is, and that word. Never rejects.
 */
export async function completeLine(line: string, knowledge: Knowledge): Promise<[string[], string]> {
  const { words, current, typed, quote } = readTyped(line.replace(/^\s*\?/, (help) => help.replace('?', 'help ')))
  using timer = new AbortTimer()
  const nothing = sleep(patienceMs, [] as const, { signal: timer.signal }).catch(() => [] as const)
  const completion = await Promise.race([complete(words, current, knowledge), nothing]).catch(() => [] as const)
  if (completion === 'files') return [[], typed]
  const candidates = completion
    .filter(({ value }) => !/\p{Cc}/u.test(value))
    .map(({ value }) => typed + quoted(value.slice(current.length), quote))
  return [candidates.length === 1 ? [`${candidates[0]} `] : candidates, typed]
}

/** Ends a timer with its scope. */
class AbortTimer implements Disposable {
  readonly #controller = new AbortController()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    this.#controller.abort()
  }
}
