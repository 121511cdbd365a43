// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const special = /\x1b\[[\d;:]*m|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g

/**
 * A line that somebody else wrote, as a terminal may have it: it can be coloured, but it cannot move the cursor, ask the
 * terminal for anything, set its title, or turn the direction of letters. Such characters are written out. Without
 * `colours` those are left out as well.
 */
export function harmless(line: string, { colours }: { readonly colours: boolean }): string {
  let coloured = false
  const text = line.replace(special, (found) => {
    if (found.length === 1) return writtenOut(found)
    coloured = colours
    return colours ? found : ''
  })
  // What comes after it is not its own.
  return coloured ? `${text}\x1b[0m` : text
}

function writtenOut(character: string): string {
  if (character === '\r') return '\\r'
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
}
