/** Powers of 1024 by the first letter of a unit, as `stats` and inis write them. */
const LETTERS = 'BKMGTPEZY'
const amount = /^(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)$/
/** `M`, `Mi`, `MB`, `MiB`, `mega`, `mebi` … */
const unit = new RegExp(
  `^(?:b|byte|[${LETTERS.slice(1)}]i?b?|kilo|kibi|mega|mebi|giga|gibi|tera|tebi|peta|pebi|exa|exbi|zetta|zebi|iotta|yotta|yobi)$`,
  'i',
)

/** Bytes of an amount with a unit, like `200M` or `1.5 GiB`: powers of 1024; `undefined` for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, number, word = ''] = amount.exec(text.trim()) ?? []
  if (number === undefined || !unit.test(word)) return undefined
  const letter = word.toUpperCase().replace(/^IOTTA/, 'Y')[0]!
  return Math.trunc(Number(number) * 1024 ** LETTERS.indexOf(letter))
}

/** Resident memory of a process of `stats`, in bytes; an original Circus has it as text only. */
export function bytesOf(info: { readonly rss?: number | string; readonly mem_info1: string }): number | undefined {
  return typeof info.rss === 'number' ? info.rss : parseBytes(info.mem_info1)
}

/** Bytes for people: `230.5M`. */
export function inWords(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), LETTERS.length - 1)
  return `${Math.round((bytes / 1024 ** power) * 10) / 10}${LETTERS[power]}`
}
