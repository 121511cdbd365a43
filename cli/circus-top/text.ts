import { cutTo, printable, widthOf } from '../circusctl/table.ts'

/** A text as a cell just so wide: cut with a mark, or filled up with blanks. Control characters are written out. */
export function cell(text: string, width: number, { right = false } = {}): string {
  // Terminals do not agree on how wide signs are that these make one of: the columns after them would not be where Ink takes them to be.
  const shown = printable(text).replace(/[\u200b-\u200f]|\u2060|\ufe0e|\ufe0f|\ufeff/g, '')
  const taken = widthOf(shown)
  if (taken > width) return width <= 0 ? '' : padded(`${cutTo(shown, width - 1)}…`, width)
  const blanks = ' '.repeat(width - taken)
  return right ? `${blanks}${shown}` : `${shown}${blanks}`
}

/** A cut one may be a column short: of a wide sign there is no half. */
const padded = (text: string, width: number) => `${text}${' '.repeat(Math.max(0, width - widthOf(text)))}`

/** A text with blanks in place of tabs, which stand where a terminal has them: at every eighth column. */
export function withoutTabs(text: string): string {
  let line = ''
  for (const [at, part] of text.split('\t').entries()) {
    line += (at === 0 ? '' : ' '.repeat(8 - (widthOf(line) % 8))) + part
  }
  return line
}

/** Words as lines no wider than that, and no more lines than `most`: what is longer is cut. */
export function wrap(text: string, width: number, most = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  for (const word of printable(text).split(' ')) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last} ${word}`
    const fits = widthOf(longer) <= width || lines.length >= most
    if (last === undefined || !fits) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines.map((line) => (widthOf(line) > width ? cell(line, width) : line))
}

/** As many of the parts, in their order, as fit beside each other; the first is always there. */
export function fitting(parts: readonly string[], width: number, gap: string): string {
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : `${line}${gap}${part}`
    if (line !== '' && widthOf(longer) > width) continue
    line = longer
  }
  return line
}
