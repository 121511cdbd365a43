import { KernelError } from '../errors.ts'
import { classEscapes, type ReadCharacter, readCharacterClass, readEscapedCharacter } from './characters.ts'
import { Effort, Expression } from './expression.ts'
import { end, literal, type Node } from './tree.ts'

const maxCharacters = 1_000

/** Why a text is no regular expression, or none that is understood. */
class Flaw extends Error {}

/**
 * A regular expression as Python's `re` writes it, but for references to groups and looking back. It is matched from the
 * beginning of a name to anywhere (`re.match`), in any case, by what this returns, which throws `ERR_PATTERN_TOO_SLOW`.
 *
 * @throws ERR_PROPERTY_INVALID, ERR_PATTERN_TOO_SLOW
 */
export function parseRegular(pattern: string): (name: string) => boolean {
  const { node } = read(pattern, 'name')
  const expression = new Expression(node, new Effort(pattern), { ignoreCase: true })
  return (name) => expression.matches(name)
}

/** A regular expression with named groups. */
export interface Pattern {
  /** The names of its groups, in their order. */
  readonly groups: readonly string[]
  /**
   * What the groups matched that took part; `undefined` when no beginning of the text matches. What a match may cost is bounded:
   * some milliseconds, then `ERR_PATTERN_TOO_SLOW` is thrown.
   */
  match(text: string): Readonly<Record<string, string>> | undefined
}

/**
 * A regular expression as Python's `re` writes it (`(?P<name>…)`), but for references to groups and looking back, for texts that come
 * from anywhere: matched from their beginning (`re.match`), each in a bounded time, which JavaScript's own are not.
 * `property` names in errors what holds the pattern.
 *
 * @throws ERR_PROPERTY_INVALID, ERR_PATTERN_TOO_SLOW
 */
export function parsePattern(pattern: string, property: string, { ignoreCase = false } = {}): Pattern {
  const { node, groups, ignoresCase } = read(pattern, property)
  const expression = new Expression(node, new Effort(pattern), { ignoreCase: ignoreCase || ignoresCase })
  return { groups, match: (text) => expression.groups(text, new Effort(pattern)) }
}

function read(pattern: string, property: string) {
  try {
    if (pattern.length > maxCharacters) throw new Flaw(`it is longer than ${maxCharacters} characters`)
    const reader = new Reader(pattern)
    return { node: reader.read(), groups: reader.groups, ignoresCase: reader.ignoresCase }
  } catch (error) {
    if (!(error instanceof Flaw)) throw error
    throw new KernelError('ERR_PROPERTY_INVALID', [property, `a regular expression (${error.message})`, pattern])
  }
}

class Reader {
  /** The names of the groups that were read. */
  readonly groups: string[] = []
  /** Whether the pattern says so itself. */
  ignoresCase = false
  readonly #characters: readonly string[]
  #at = 0
  #dotAll = false
  #multiline = false

  constructor(pattern: string) {
    this.#characters = Array.from(pattern)
  }

  read(): Node {
    const flags = /^\(\?([a-zA-Z]+)\)/.exec(this.#characters.join(''))
    if (flags) this.#setFlags(flags)
    const node = this.#either()
    if (this.#at < this.#characters.length) throw new Flaw(`unbalanced parenthesis at ${this.#at}`)
    return node
  }

  // `a` and `u` say which characters \w means, and here it means all letters.
  #setFlags([whole, letters]: readonly string[]): void {
    for (const letter of letters!) {
      if (letter === 's') this.#dotAll = true
      else if (letter === 'm') this.#multiline = true
      else if (letter === 'i') this.ignoresCase = true
      else if (!'au'.includes(letter)) throw new Flaw(`flag ${letter} is not supported`)
    }
    this.#at = whole!.length
  }

  #either(): Node {
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    return options.length === 1 ? options[0]! : { id: 'either', options }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      const part = this.#atom()
      if (part) parts.push(this.#repeated(part))
    }
    return { id: 'sequence', parts }
  }

  #atom(): Node | undefined {
    const character = this.#next()
    switch (character) {
      case '.':
        return { id: 'one', accepts: this.#dotAll ? () => true : (other) => other !== 10 }
      case '^':
        return this.#multiline
          ? { id: 'place', holds: (text, at) => at === 0 || text[at - 1] === 10 }
          : { id: 'place', holds: (_, at) => at === 0 }
      case '$':
        return this.#multiline
          ? { id: 'place', holds: (text, at) => at === text.length || text[at] === 10 }
          : { id: 'place', holds: (text, at) => at === text.length || (at === text.length - 1 && text[at] === 10) }
      case '(':
        return this.#group()
      case '[':
        return { id: 'one', accepts: this.#explained(readCharacterClass) }
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
        throw new Flaw(`nothing to repeat at ${this.#at - 1}`)
      default:
        return literal(character.codePointAt(0)!)
    }
  }

  #group(): Node | undefined {
    if (!this.#take('?')) return this.#closed(this.#either())
    const kind = this.#next()
    switch (kind) {
      case ':':
        return this.#closed(this.#either())
      case '=':
      case '!':
        return { id: 'ahead', part: this.#closed(this.#either()), wanted: kind === '=' }
      case '#':
        while (this.#next() !== ')');
        return undefined
      case 'P':
        if (!this.#take('<')) throw new Flaw('references to groups are not supported')
        return this.#named()
      case '<':
        if (this.#peek() === '=' || this.#peek() === '!') throw new Flaw('looking back is not supported')
        return this.#named()
      default:
        throw new Flaw(`(?${kind} is not supported`)
    }
  }

  #named(): Node {
    let name = ''
    for (let next = this.#next(); next !== '>'; next = this.#next()) name += next
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw new Flaw(`bad name of a group '${name}'`)
    if (this.groups.includes(name)) throw new Flaw(`two groups are called ${name}`)
    this.groups.push(name)
    return { id: 'group', name, part: this.#closed(this.#either()) }
  }

  #closed(node: Node): Node {
    if (!this.#take(')')) throw new Flaw('missing ), unterminated group')
    return node
  }

  #escape(): Node {
    switch (this.#peek()) {
      case 'A':
        this.#at++
        return { id: 'place', holds: (_, at) => at === 0 }
      case 'Z':
        this.#at++
        return end
      case 'b':
      case 'B': {
        const wanted = this.#next() === 'b'
        const isWord = (character: number | undefined) => character !== undefined && classEscapes.w!(character)
        return { id: 'place', holds: (text, at) => (isWord(text[at - 1]) !== isWord(text[at])) === wanted }
      }
      default:
        if (/[1-9]/.test(this.#peek() ?? '')) throw new Flaw('references to groups are not supported')
        return { id: 'one', accepts: this.#explained(readEscapedCharacter) }
    }
  }

  #repeated(part: Node): Node {
    const count = this.#count()
    if (!count) return part
    if (part.id === 'place') throw new Flaw(`a place cannot be repeated, at ${this.#at}`)
    const lazy = this.#take('?')
    if (this.#peek() === '+') throw new Flaw('possessive repetition is not supported')
    if (this.#count()) throw new Flaw(`multiple repeat at ${this.#at}`)
    return { id: 'repeat', part, ...count, lazy }
  }

  #count(): { readonly min: number; readonly max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { min: 0, max: 1 }
    if (this.#peek() !== '{') return undefined
    const rest = this.#characters.slice(this.#at, this.#at + 30).join('')
    // Braces that hold no numbers are characters like others.
    const [whole, least = '', comma, most = ''] = /^\{(\d*)(,?)(\d*)\}/.exec(rest) ?? []
    if (whole === undefined || (least === '' && !comma)) return undefined
    this.#at += whole.length
    const min = Number(least)
    const max = !comma ? min : most === '' ? Number.POSITIVE_INFINITY : Number(most)
    if (min > max) throw new Flaw('min repeat greater than max repeat')
    return { min, max }
  }

  #explained<T>(read: (next: ReadCharacter, fail: (why: string) => never) => T): T {
    const peekable = Object.assign(() => this.#next(), { peek: () => this.#peek() })
    return read(peekable, (why) => {
      throw new Flaw(why)
    })
  }

  #peek(): string | undefined {
    return this.#characters[this.#at]
  }

  #next(): string {
    const character = this.#characters[this.#at++]
    if (character === undefined) throw new Flaw('it ends too early')
    return character
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }
}
