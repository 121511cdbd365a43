import { KernelError } from '../errors.ts'
import { any, Effort, Expression, end, literal, type Node } from '../expression/index.ts'

const maxCharacters = 1_000

/**
 * A shell pattern over a whole name: `*`, `?`, `[abc]`, `[a-z]` and `[!a]`, nothing else special. Patterns of `[env:…]`
 * mean upper and lower case, those of commands do not. Both it and what it returns throw `ERR_PATTERN_TOO_SLOW`.
 */
export function parseGlob(pattern: string, { ignoreCase = false } = {}): (name: string) => boolean {
  if (!/[*?[]/.test(pattern)) {
    const wanted = ignoreCase ? pattern.toLowerCase() : pattern
    return (name) => (ignoreCase ? name.toLowerCase() : name) === wanted
  }
  // Reading one takes time by the square of its length.
  if (pattern.length > maxCharacters) throw new KernelError('ERR_PATTERN_TOO_SLOW', [pattern])
  const parts = Array.from(pattern.matchAll(/\[(!?)(\]?[^\]]*)\]|\*+|./gsu), ([part, not, set]): Node => {
    if (set) return { id: 'one', accepts: inSet(set, not === '') }
    if (part.startsWith('*')) return { id: 'repeat', part: any, min: 0, max: Number.POSITIVE_INFINITY }
    return part === '?' ? any : literal(part.codePointAt(0)!)
  })
  // Whatever follows a beginning that matches matches the last `*`.
  const whole = pattern.endsWith('*') ? parts.slice(0, -1) : [...parts, end]
  const expression = new Expression({ id: 'sequence', parts: whole }, new Effort(pattern), { ignoreCase })
  return (name) => expression.matches(name)
}

/** A range from a later character to an earlier one holds nothing, as in Python's fnmatch. */
function inSet(set: string, wanted: boolean): (character: number) => boolean {
  const ranges = Array.from(set.matchAll(/(.)-(.)|./gsu), ([one, low = one, high = one]) => [
    low.codePointAt(0)!,
    high.codePointAt(0)!,
  ])
  return (character) => ranges.some(([low, high]) => low! <= character && character <= high!) === wanted
}
