import { asciiBlocks, blocks } from './sparkline.ts'

/** The signs that are no letters. */
export interface Glyphs {
  readonly blocks: string
  readonly selected: string
  readonly open: string
  readonly closed: string
  readonly descending: string
  readonly ascending: string
  readonly cursor: string
  /** What becomes of a finished line. */
  readonly line: (line: string) => string
}

const unicode: Glyphs = {
  blocks,
  selected: '›',
  open: '▾',
  closed: '▸',
  descending: '▼',
  ascending: '▲',
  cursor: '▏',
  line: (line) => line,
}

const ascii: Glyphs = {
  blocks: asciiBlocks,
  selected: '>',
  open: '-',
  closed: '+',
  descending: 'v',
  ascending: '^',
  cursor: '_',
  line: (line) => line.replaceAll('…', '~').replaceAll('·', '-'),
}

/** Those that the terminal can show, by the locale that the environment names. */
export function glyphsFor({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): Glyphs {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') ? unicode : ascii
}
