import { maskSecrets } from '../secrets.ts'
import type { ProcessOutput } from './process-output.ts'

/** So many lines at most. */
const LINES = 10
/** So many characters at most, of one line and of all. */
const LINE_CHARACTERS = 500
const CHARACTERS = 2_000
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with one
const colour = /\x1b\[[\d;:]*m/g

/** The last lines that a process wrote, few and short, without colours, secrets masked: for messages of failure. */
export function lastWords(output: ProcessOutput | undefined): readonly string[] {
  const words: string[] = []
  let left = CHARACTERS
  for (const { line } of (output?.lines(LINES) ?? []).reverse()) {
    // Before anything is cut off: a part of a secret may not look like one.
    const whole = maskSecrets(line.replace(colour, ''))
    const text = whole.length > LINE_CHARACTERS ? `${whole.slice(0, LINE_CHARACTERS)}…` : whole
    left -= text.length
    if (left < 0) break
    words.unshift(text)
  }
  return words
}

/** The same as the end of a message in the log; nothing when there are none. */
export const lastWordsText = (words: readonly string[]): string =>
  words.length === 0 ? '' : `; its last lines:\n${words.map((line) => `| ${line}`).join('\n')}`
