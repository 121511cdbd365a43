import { KernelError } from '../errors.ts'
import type { Node } from './tree.ts'

type Instruction =
  | { readonly id: 'one'; readonly accepts: (character: number) => boolean }
  | { readonly id: 'split'; readonly to: readonly number[] }
  | { readonly id: 'place'; readonly holds: (text: readonly number[], at: number) => boolean }
  | { readonly id: 'ahead'; readonly program: readonly Instruction[]; readonly wanted: boolean }
  | { readonly id: 'end' }

/** Counted repetitions are written out: `(x{100}){100}` would be 10,000 instructions. */
const maxInstructions = 5_000
/** Looks at a character that all the names of one pattern may take together; some 4 ms. */
const maxSteps = 100_000

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
    return run(this.#program, lower, upper, 0, this.#effort)
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
  const split = () => {
    const to: number[] = []
    add({ id: 'split', to })
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
          const loop = split()
          loop.push(program.length)
          emit(part.part)
          split().push(begin)
          loop.push(program.length)
          break
        }
        const exits: number[][] = []
        for (let count = part.min; count < part.max; count++) {
          const optional = split()
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

/** Depth first; what was tried at a place is not tried there again, since it could only fail again. */
function run(
  program: readonly Instruction[],
  lower: readonly number[],
  upper: readonly number[],
  from: number,
  effort: Effort,
): boolean {
  const length = lower.length
  const places = program.length * (length + 1)
  effort.spend(places >> 10)
  const tried = new Int32Array((places >> 5) + 1)
  const waiting: number[] = [from]
  while (waiting.length > 0) {
    const place = waiting.pop()!
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
        return true
      case 'one':
        if (at < length && (instruction.accepts(lower[at]!) || instruction.accepts(upper[at]!))) waiting.push(next + 1)
        break
      case 'split':
        for (const to of instruction.to) waiting.push(to * (length + 1) + at)
        break
      case 'place':
        if (instruction.holds(lower, at)) waiting.push(next)
        break
      case 'ahead':
        if (run(instruction.program, lower, upper, at, effort) === instruction.wanted) waiting.push(next)
        break
      default:
        instruction satisfies never
    }
  }
  return false
}
