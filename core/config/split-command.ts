/**
 * Split a command line into words as Python's `shlex.split` does: blanks separate, quotes keep together, a backslash
 * takes the next character as it is (within double quotes only `"` and itself), `#` starts no comment.
 * Throws a `SyntaxError` for a quote that is not closed, or a backslash at the end.
 */
export function splitCommand(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === '\\') {
      if (++at === text.length) throw new SyntaxError('nothing follows the last backslash')
      word = (word ?? '') + text[at]
    } else if (char === "'" || char === '"') {
      const [quoted, end] = readQuoted(text, at)
      word = (word ?? '') + quoted
      at = end
    } else {
      word = (word ?? '') + char
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

/** A word that a POSIX shell, and `splitCommand`, read as `text`. */
export function quoteWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
}

function readQuoted(text: string, start: number): [quoted: string, end: number] {
  const quote = text[start]!
  let quoted = ''
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at]!
    if (char === quote) return [quoted, at]
    if (char === '\\' && quote === '"' && (text[at + 1] === '"' || text[at + 1] === '\\')) quoted += text[++at]
    else quoted += char
  }
  throw new SyntaxError(`the quotation that begins with ${text.slice(start, start + 20)} is not closed`)
}
