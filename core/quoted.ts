/** A text in quotes, as the original writes names in its messages: Python's `repr`. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what has to be shown otherwise
  const inner = text.replace(/[\\\x00-\x1f\x7f-\xa0]/g, escaped)
  return `${quote}${quote === "'" ? inner.replaceAll("'", "\\'") : inner}${quote}`
}

function escaped(character: string): string {
  const short: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
  return short[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
