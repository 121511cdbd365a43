import { type Circus, maskSecrets } from '../../core/plugin.ts'
import type { Occurrence } from './occurrence.ts'

/** Longer lines are cut, in characters. */
const LONGEST_LINE = 400
/** So long, in milliseconds, the daemon is waited for. */
const PATIENCE_MS = 2000
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with one
const colour = /\x1b\[[\d;:]*m/g

/** What processes wrote last, with secrets masked. */
export class LastLines {
  readonly #circus: Circus
  readonly #count: number

  constructor(circus: Circus, count: number) {
    this.#circus = circus
    this.#count = count
  }

  /** Those of an occurrence: what it tells, or else what its process wrote; none where that cannot be told. Never rejects. */
  async of({ lines, watcher, pid }: Occurrence): Promise<readonly string[]> {
    if (this.#count === 0) return []
    const found = lines ?? (await this.#ask(watcher, pid))
    return found.slice(-this.#count).map((line) => maskSecrets(line.replace(colour, '').slice(0, LONGEST_LINE)))
  }

  async #ask(name: string, pid: number | undefined): Promise<readonly string[]> {
    const late = Promise.withResolvers<readonly string[]>()
    const timer = setTimeout(late.resolve, PATIENCE_MS, [])
    const about = { name, match: 'simple', lines: this.#count, ...(pid !== undefined && { pid }) }
    // An original Circus keeps none.
    const told = this.#circus.call<{ lines: { line: string }[] }>('tail', about).then(
      (reply) => reply.lines.map(({ line }) => line),
      () => [],
    )
    return Promise.race([told, late.promise]).finally(() => clearTimeout(timer))
  }
}
