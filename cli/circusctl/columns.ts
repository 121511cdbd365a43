/** A heading and its lines; nothing without any. */
export const section = (heading: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${heading}\n${lines.map((line) => `${indent}${line}`).join('\n')}`

/** Names and what they mean, as lines in two columns; on a terminal no wider than it is, below the heading of a section. */
export function columns(
  rows: readonly (readonly [name: string, text: string])[],
  width = (process.stdout.columns || Number.POSITIVE_INFINITY) - indent.length,
): string[] {
  const first = Math.max(0, ...rows.map(([name]) => name.length)) + gap.length
  return rows.flatMap(([name, text]) =>
    wrapped(text, Math.max(narrowest, width - first)).map((part, at) =>
      `${(at === 0 ? name : '').padEnd(first)}${part}`.trimEnd(),
    ),
  )
}

const indent = '  '
const gap = '  '

/** Texts are not broken into narrower columns than that: the terminal does it then. */
const narrowest = 20

function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === '') lines.splice(-1, 1, word)
    else if (`${line} ${word}`.length <= width) lines.splice(-1, 1, `${line} ${word}`)
    else lines.push(word)
  }
  return lines
}
