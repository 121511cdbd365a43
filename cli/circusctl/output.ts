import type { WriteStream } from 'node:tty'
import type { styleText } from 'node:util'
import type { Flags } from './command.ts'
import { formatJson } from './format.ts'

/** A colour or a style, or several: `styleText`'s. */
export type Style = Parameters<typeof styleText>[0]

/** A terminal that people watch. */
export interface Terminal {
  /** How wide it is now. */
  readonly columns: number
  /** The text in colours, as far as the terminal and the environment (`NO_COLOR`, `FORCE_COLOR`) have them. */
  paint(style: Style, text: string): string
}

/** Where the commands of `circusctl` print. */
export interface Output {
  /** A line, or lines, for people and for scripts that read lines; the last newline is added. */
  print(text: string): void
  /** A reply or an event, with `--json`. */
  printJson(value: unknown): void
  /** `undefined` when a file or pipe takes the output: then the lines are just those of the original. */
  readonly terminal: Terminal | undefined
}

/** Standard output, in the form that a line's flags (`--prettify`) ask for. */
export function standardOutput({ prettify = false }: Flags): Output {
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  return {
    print,
    printJson: (value) => print(formatJson(value, prettify === true)),
    terminal: terminalOf(process.stdout),
  }
}

/** The terminal that a stream writes to, if it does. */
export function terminalOf(stream: WriteStream): Terminal | undefined {
  return stream.isTTY
    ? {
        get columns() {
          return stream.columns || 80 // a terminal that does not know says 0
        },
        // Not imported: that has Node load all that node:util has.
        paint: (style, text) => process.getBuiltinModule('node:util').styleText(style, text, { stream }),
      }
    : undefined
}

/** What is no terminal, for texts that look the same everywhere: as wide as they like, without colours. */
export const plainTerminal: Terminal = { columns: Number.POSITIVE_INFINITY, paint: (_, text) => text }
