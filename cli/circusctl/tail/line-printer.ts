import type { Output, Style } from '../output.ts'
import { printable, widthOf } from '../table.ts'
import type { Line } from './ask.ts'
import { harmless } from './harmless.ts'

/** What a line says, and where it is from. */
export type PrintedLine = Omit<Line, 'sequence'>

/** A prefix longer than this pushes its line to the right. */
const widestPrefix = 24
/** Colours of watchers; red is for stderr. */
const colours: readonly Style[] = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'yellowBright',
  'greenBright',
  'magentaBright',
  'blueBright',
]

/** Prints lines of processes: as JSON, with where they are from before them, or just as they are. */
export class LinePrinter {
  readonly #output: Output
  readonly #json: boolean
  readonly #prefixed: boolean
  #width = 0
  /** Before a line, by where it is from. */
  readonly #prefixes = new Map<string, string>()

  constructor(output: Output, { json, prefixed }: { readonly json: boolean; readonly prefixed: boolean }) {
    this.#output = output
    this.#json = json
    this.#prefixed = prefixed
  }

  print(lines: readonly PrintedLine[]): void {
    if (lines.length === 0) return
    if (this.#json) {
      for (const { watcher, wid, pid, stream, time, line, unfinished } of lines)
        this.#output.printJson({ watcher, wid, pid, stream, time, line, ...(unfinished && { unfinished }) })
      return
    }
    if (this.#prefixed) for (const line of lines) this.#widen(line)
    this.#output.print(lines.map((line) => this.#prefixOf(line) + this.#textOf(line)).join('\n'))
  }

  /** Make room for what is printed later, so that lines are aligned from the first one on. */
  #widen({ watcher, wid }: PrintedLine): void {
    const width = Math.min(widestPrefix, widthOf(this.#nameOf(watcher, wid)))
    if (width <= this.#width) return
    this.#width = width
    this.#prefixes.clear()
  }

  #prefixOf({ watcher, wid, stream }: PrintedLine): string {
    if (!this.#prefixed) return ''
    const key = `${wid} ${stream} ${watcher}`
    const known = this.#prefixes.get(key)
    if (known !== undefined) return known
    const plain = this.#nameOf(watcher, wid)
    const padded = plain + ' '.repeat(Math.max(0, this.#width - widthOf(plain)))
    const paint = this.#paint
    const text = `${paint(colourOf(watcher), padded)} ${paint(stream === 'stderr' ? 'red' : 'dim', '|')} `
    this.#prefixes.set(key, text)
    return text
  }

  #textOf({ line, stream }: PrintedLine): string {
    const { terminal } = this.#output
    // What goes to a file or a program goes as it was written.
    if (!terminal) return line
    const text = harmless(line, { colours: this.#hasColours })
    return stream === 'stderr' && text !== '' && !text.includes('\x1b') ? terminal.paint('red', text) : text
  }

  #nameOf(watcher: string, wid: number): string {
    return `${this.#output.terminal ? printable(watcher) : watcher}.${wid}`
  }

  get #hasColours(): boolean {
    return this.#paint('red', ' ') !== ' '
  }

  get #paint(): (style: Style, text: string) => string {
    const { terminal } = this.#output
    return terminal ? (style, text) => terminal.paint(style, text) : (_, text) => text
  }
}

/** The same for the same watcher, always. */
function colourOf(watcher: string): Style {
  let hash = 2_166_136_261
  for (const sign of watcher) hash = Math.imul(hash ^ sign.codePointAt(0)!, 16_777_619)
  return colours[(hash >>> 0) % colours.length] as Style
}
