import { KernelError } from '../errors.ts'
import type { Node } from './tree.ts'

type Instruction =
  | { readonly id: 'one'; readonly accepts: (character: number) => boolean }
  /** Ways to go on, the first one first; `lazy`: the last one first. */
  | { readonly id: 'split'; readonly to: readonly number[]; readonly lazy: boolean }
  /** A group begins or ends here. */
  | { readonly id: 'mark'; readonly name: string; readonly ends: boolean }
  | { readonly id: 'place'; readonly holds: (text: readonly number[], at: number) => boolean }
  | { readonly id: 'ahead'; readonly program: readonly Instruction[]; readonly wanted: boolean }
  | { readonly id: 'end' }

/** Counted repetitions are written out: `(x{100}){100}` would be 10,000 instructions. */
const maxInstructions = 5_000
/** Looks at a character that all the names of one pattern may take together; some 4 ms. */
const maxSteps = 100_000

/** A place where a group begins or ends, and what was marked before. */
interface Mark {
  readonly name: string
  readonly ends: boolean
  readonly at: number
  readonly before: Mark | undefined
}

/** What is left of the work that one pattern may cause. */
export class Effort {
  readonly #pattern: string
  #steps = maxSteps
  #instructions = maxInstructions

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  spend(steps: number): void {
    this.#steps -= steps
    if (this.#steps < 0) this.#giveUp()
  }

  instruction(): void {
    this.#instructions--
    if (this.#instructions < 0) this.#giveUp()
  }

  #giveUp(): never {
    throw new KernelError('ERR_PATTERN_TOO_SLOW', [this.#pattern])
  }
}

/**
 * An expression that is matched from the beginning of a text. JavaScript's own will not do for what a client sends: a
 * short one keeps the event loop busy for hours, and so does V8's compiler, which no timeout interrupts and which ends the
 * process when it runs out of memory (Node 24.21: `(?:\b)` written 160 times).
 *
 * Here each instruction is tried at most once at each place, and what all of that may cost is bounded: `compile` and
 * `matches` throw `ERR_PATTERN_TOO_SLOW`.
 */
export class Expression {
  readonly #program: readonly Instruction[]
  readonly #effort: Effort
  readonly #ignoreCase: boolean

  constructor(node: Node, effort: Effort, { ignoreCase = false } = {}) {
    this.#effort = effort
    this.#ignoreCase = ignoreCase
    this.#program = compile(node, effort)
  }

  /** Whether a beginning of the text matches. */
  matches(text: string): boolean {
    this.#effort.spend(text.length >> 3)
    const lower = codePoints(this.#ignoreCase ? text.toLowerCase() : text)
    const upper = this.#ignoreCase ? lower.map(inUpperCase) : lower
    return run(this.#program, { lower, upper }, 0, this.#effort) !== undefined
  }

  /** What the groups of the match are, by their names; `undefined` when no beginning of the text matches. */
  groups(text: string, effort: Effort): Record<string, string> | undefined {
    effort.spend(text.length >> 3)
    const characters = codePoints(text)
    const lower = this.#ignoreCase ? codePoints(text.toLowerCase()) : characters
    const upper = this.#ignoreCase ? lower.map(inUpperCase) : lower
    const match = run(this.#program, { lower, upper }, 0, effort)
    return match && groupsOf(match.marks, characters)
  }
}

const codePoints = (text: string) => Array.from(text, (character) => character.codePointAt(0)!)
const inUpperCase = (character: number) => String.fromCodePoint(character).toUpperCase().codePointAt(0)!

function compile(node: Node, effort: Effort): Instruction[] {
  const program: Instruction[] = []
  const add = (instruction: Instruction) => {
    effort.instruction()
    return program.push(instruction) - 1
  }
  /** Put a split here whose ways are known later. */
  const split = (lazy = false) => {
    const to: number[] = []
    add({ id: 'split', to, lazy })
    return to
  }
  /** Also a copy of nothing costs time. */
  const copy = (part: Node) => {
    effort.instruction()
    emit(part)
  }
  const emit = (part: Node): void => {
    switch (part.id) {
      case 'one':
      case 'place':
        add(part)
        break
      case 'ahead':
        add({ id: 'ahead', program: compile(part.part, effort), wanted: part.wanted })
        break
      case 'group':
        add({ id: 'mark', name: part.name, ends: false })
        emit(part.part)
        add({ id: 'mark', name: part.name, ends: true })
        break
      case 'sequence':
        for (const each of part.parts) emit(each)
        break
      case 'either': {
        const ways = split()
        const leaps = part.options.map((option) => {
          ways.push(program.length)
          emit(option)
          return split()
        })
        for (const leap of leaps) leap.push(program.length)
        break
      }
      case 'repeat': {
        for (let count = 0; count < part.min; count++) copy(part.part)
        if (part.max === Number.POSITIVE_INFINITY) {
          const begin = program.length
          const loop = split(part.lazy)
          loop.push(program.length)
          emit(part.part)
          split().push(begin)
          loop.push(program.length)
          break
        }
        const exits: number[][] = []
        for (let count = part.min; count < part.max; count++) {
          const optional = split(part.lazy)
          optional.push(program.length)
          exits.push(optional)
          copy(part.part)
        }
        for (const exit of exits) exit.push(program.length)
        break
      }
      default:
        part satisfies never
    }
  }
  emit(node)
  add({ id: 'end' })
  return program
}

/** A text in both cases, by its characters; the same one twice where case counts. */
interface Text {
  readonly lower: readonly number[]
  readonly upper: readonly number[]
}

/**
 * Depth first, in the order of the ways; what was tried at a place is not tried there again, since it could only fail again.
 * Returns what was marked on the first way that leads to the end.
 */
function run(
  program: readonly Instruction[],
  { lower, upper }: Text,
  from: number,
  effort: Effort,
  before?: Mark,
): { readonly marks: Mark | undefined } | undefined {
  const length = lower.length
  const places = program.length * (length + 1)
  effort.spend(places >> 10)
  const tried = new Int32Array((places >> 5) + 1)
  const waiting: number[] = [from]
  const marked: (Mark | undefined)[] = [before]
  const wait = (place: number, marks: Mark | undefined) => {
    waiting.push(place)
    marked.push(marks)
  }
  while (waiting.length > 0) {
    const place = waiting.pop()!
    const marks = marked.pop()
    const bit = 1 << (place & 31)
    if (tried[place >> 5]! & bit) continue
    tried[place >> 5]! |= bit
    effort.spend(1)
    const number = Math.floor(place / (length + 1))
    const at = place - number * (length + 1)
    /** The next instruction, here. */
    const next = place + length + 1
    const instruction = program[number]!
    switch (instruction.id) {
      case 'end':
        return { marks }
      case 'one':
        if (at < length && (instruction.accepts(lower[at]!) || instruction.accepts(upper[at]!))) wait(next + 1, marks)
        break
      case 'split':
        // The last one that waits is the first one tried.
        for (let way = instruction.to.length - 1; way >= 0; way--) {
          const to = instruction.to[instruction.lazy ? instruction.to.length - 1 - way : way]!
          wait(to * (length + 1) + at, marks)
        }
        break
      case 'mark':
        wait(next, { name: instruction.name, ends: instruction.ends, at, before: marks })
        break
      case 'place':
        if (instruction.holds(lower, at)) wait(next, marks)
        break
      case 'ahead': {
        const ahead = run(instruction.program, { lower, upper }, at, effort, marks)
        if ((ahead !== undefined) === instruction.wanted) wait(next, ahead ? ahead.marks : marks)
        break
      }
      default:
        instruction satisfies never
    }
  }
  return undefined
}

/** The last that each group matched. */
function groupsOf(last: Mark | undefined, characters: readonly number[]): Record<string, string> {
  const ends = new Map<string, number>()
  const groups = new Map<string, string>()
  for (let mark = last; mark; mark = mark.before) {
    if (groups.has(mark.name)) continue
    if (mark.ends) ends.set(mark.name, ends.get(mark.name) ?? mark.at)
    else groups.set(mark.name, String.fromCodePoint(...characters.slice(mark.at, ends.get(mark.name))))
  }
  return Object.fromEntries(groups)
}
