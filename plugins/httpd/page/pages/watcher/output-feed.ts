import type { Output } from '../../../api.ts'
import { apiAddress } from '../../client.ts'
import type { OutputLines } from './output-lines.ts'

const firstLines = 500
const pauseMs = 2_000

/** Follows the output of a watcher into a pane, until it is closed. Nothing is asked for while nobody sees the page. */
export class OutputFeed {
  readonly #name: string
  readonly #into: OutputLines
  #source: EventSource | undefined
  #again: ReturnType<typeof setTimeout> | undefined
  readonly #see = () => (document.hidden ? this.#stop() : this.#begin())

  constructor(name: string, into: OutputLines) {
    this.#name = name
    this.#into = into
    document.addEventListener('visibilitychange', this.#see)
    this.#begin()
  }

  close(): void {
    document.removeEventListener('visibilitychange', this.#see)
    this.#stop()
  }

  #begin(): void {
    this.#stop()
    const source = new EventSource(apiAddress('follow', { name: this.#name, match: 'simple', lines: firstLines }))
    this.#source = source
    let isFirst = true
    source.addEventListener('lines', ({ data }: MessageEvent<string>) => {
      const { lines, gap } = JSON.parse(data) as Output
      if (isFirst) this.#into.replace(lines)
      else this.#into.add(lines, gap === true)
      isFirst = false
    })
    source.addEventListener('error', () => {
      this.#stop()
      this.#again = setTimeout(() => this.#begin(), pauseMs)
    })
  }

  #stop(): void {
    clearTimeout(this.#again)
    this.#source?.close()
    this.#source = undefined
  }
}
