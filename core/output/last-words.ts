import { maskSecrets } from '../secrets.ts'
import type { ProcessOutput } from './process-output.ts'

/** So many lines at most. */
const LINES = 10
/** So many characters at most, of one line and of all. */
const LINE_CHARACTERS = 500
const CHARACTERS = 2_000

/** The last lines that a process wrote, few and short, secrets masked: for messages of failure. */
export function lastWords(output: ProcessOutput | undefined): readonly string[] {
  const words: string[] = []
  let left = CHARACTERS
  for (const { line } of (output?.lines(LINES) ?? []).reverse()) {
    const text = maskSecrets(line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line)
    left -= text.length
    if (left < 0) break
    words.unshift(text)
  }
  return words
}

/** The same as the end of a message in the log; nothing when there are none. */
export const lastWordsText = (words: readonly string[]): string =>
  words.length === 0 ? '' : `; its last lines:\n${words.map((line) => `| ${line}`).join('\n')}`
