/** Gives the next character of a pattern, and goes on; `peek` does not. */
export interface ReadCharacter {
  (): string
  peek(): string | undefined
}

type Accepts = (character: number) => boolean
type Fail = (why: string) => never

const byExpression =
  (expression: RegExp): Accepts =>
  (character) =>
    expression.test(String.fromCodePoint(character))
const not =
  (accepts: Accepts): Accepts =>
  (character) =>
    !accepts(character)

const digit = byExpression(/\p{Nd}/u)
const word = byExpression(/[\p{L}\p{N}_]/u)
const blank = byExpression(/\s/)

/** What `\d`, `\w`, `\s` and their opposites mean. */
export const classEscapes: Readonly<Record<string, Accepts>> = {
  d: digit,
  D: not(digit),
  w: word,
  W: not(word),
  s: blank,
  S: not(blank),
}

const controls: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** Read what follows a backslash. */
export function readEscapedCharacter(next: ReadCharacter, fail: Fail): Accepts {
  const escaped = readEscape(next, fail)
  return typeof escaped === 'number' ? (character) => character === escaped : escaped
}

/** Read a set of characters, after its opening bracket. */
export function readCharacterClass(next: ReadCharacter, fail: Fail): Accepts {
  const negated = next.peek() === '^'
  if (negated) next()
  const members: Accepts[] = []
  for (let character = next(), first = true; character !== ']' || first; character = next(), first = false) {
    const low = member(character, next, fail)
    if (next.peek() !== '-') {
      members.push(typeof low === 'number' ? (other) => other === low : low)
      continue
    }
    next()
    // A bar before the end is a bar.
    if (next.peek() === ']') {
      members.push(typeof low === 'number' ? (other) => other === low : low, (other) => other === 45)
      continue
    }
    const high = member(next(), next, fail)
    if (typeof low !== 'number' || typeof high !== 'number' || low > high) return fail('bad character range')
    members.push((other) => low <= other && other <= high)
  }
  return (character) => members.some((accepts) => accepts(character)) !== negated
}

function member(character: string, next: ReadCharacter, fail: Fail): number | Accepts {
  return character === '\\' ? readEscape(next, fail) : character.codePointAt(0)!
}

function readEscape(next: ReadCharacter, fail: Fail): number | Accepts {
  const character = next()
  const group = Object.hasOwn(classEscapes, character) ? classEscapes[character] : undefined
  if (group) return group
  if (Object.hasOwn(controls, character)) return controls[character]!
  if (character === '0') return 0
  if (Object.hasOwn(hexDigits, character)) {
    let digits = ''
    for (let count = hexDigits[character]!; count > 0; count--) digits += next()
    const code = /^[\da-f]+$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN
    return code <= 0x10ffff ? code : fail(`incomplete escape \\${character}${digits}`)
  }
  if (/[a-z\d]/i.test(character)) return fail(`bad escape \\${character}`)
  return character.codePointAt(0)!
}
