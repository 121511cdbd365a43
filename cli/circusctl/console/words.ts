/** Which quotes the end of a text is inside of: none, single or double ones, or just after a backslash. */
export type Quote = '' | "'" | '"' | '\\'

/** A line as far as it is typed. */
export interface TypedLine {
  /** The words that are finished, without their quotes. */
  readonly words: readonly string[]
  /** The word at the end: `''` after a space. */
  readonly current: string
  /** The same as it was typed, quotes and all. */
  readonly typed: string
  /** What is still open at the end. */
  readonly quote: Quote
  /** The part of `typed` after the quote that is open. */
  readonly inQuote: string
}

/** Read a line as a shell does its words: single and double quotes, backslashes; nothing else is special. */
export function readTyped(line: string): TypedLine {
  const words: string[] = []
  let current = ''
  let start = line.length // where the word at the end begins
  let inWord = false
  let quote: Quote = ''
  let opened = line.length
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string
    if (quote === '' && /\s/.test(char)) {
      if (inWord) words.push(current)
      inWord = false
      current = ''
      continue
    }
    if (!inWord) start = at
    inWord = true
    if (quote === '' && (char === "'" || char === '"')) {
      quote = char
      opened = at + 1
    } else if (quote !== '' && char === quote) quote = ''
    else if (char === '\\' && quote !== "'") {
      const next = line[at + 1]
      if (next === undefined) {
        if (quote === '') quote = '\\'
        break
      }
      // Between double quotes a backslash is one, unless what follows would mean something.
      if (quote === '"' && !/["\\$`]/.test(next)) current += char
      else current += line[++at]
    } else current += char
  }
  const open = quote === "'" || quote === '"'
  return {
    words,
    current,
    typed: inWord ? line.slice(start) : '',
    quote,
    inQuote: open ? line.slice(opened) : '',
  }
}

/** The words of a whole line, or `undefined` when a quote or a backslash is left open. */
export function splitWords(line: string): string[] | undefined {
  const { words, current, typed, quote } = readTyped(line)
  if (quote !== '') return undefined
  return typed === '' ? [...words] : [...words, current]
}

/** Go on with a word whose end is inside of `quote`: what to type for `rest`, the quotes closed. */
export function quoted(rest: string, quote: Quote): string {
  switch (quote) {
    case '':
      return rest.replace(/[^\w@%+=:,./-]/g, '\\$&')
    case '\\':
      return rest.slice(0, 1) + quoted(rest.slice(1), '')
    case "'":
      return `${rest.replaceAll("'", "'\\''")}'`
    case '"':
      return `${rest.replace(/["\\$`]/g, '\\$&')}"`
    default:
      return quote satisfies never
  }
}
