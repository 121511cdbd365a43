import type { Random } from './random.ts'

/** Patterns that keep a backtracking matcher busy for ever, or its compiler. */
export const patterns: readonly string[] = [
  '^(a+)+$',
  '(a|aa)+$',
  '(.*)*x',
  '([a-z]+)*\\d$',
  '(x?){30}x{30}',
  '((a{99}){99}){99}',
  '(?:(?:(?:\\b|x){1000}){1000}){1000}',
  '(?:\\b)'.repeat(140),
  '(?=.*'.repeat(30) + ')'.repeat(30),
  '(a)\\1{9999}',
  '(?P<n>vic)tim',
  'victim-[0-9]',
  '(((((',
  '[z-a]',
  '*a*a*a*a*a*a*a*a*a*a*a*a*b',
  `${'*?'.repeat(500)}b`,
  '[!a]*[!b]*[',
  '*',
  'victim-?',
]

const texts: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  '\0',
  'a\0b',
  '\n\r\t',
  '../../..',
  'ſtatus',
  'İ',
  '\ud800',
  '😀'.repeat(20),
  'é'.normalize('NFD'),
  'a'.repeat(10_000),
  '😀'.repeat(5_000),
  '$x$(y)((circus.wid))$(circus.env.HOME)',
  '%s%n{0}',
  'NaN',
  '-1',
  '0x10',
  '1e999',
  'true',
  'null',
  '[]',
  'SIGTERM',
  'SIGRTMIN+99',
  "'",
  '"unclosed',
  ...patterns,
]

const numbers: readonly number[] = [
  0,
  -0,
  -1,
  0.5,
  1e-300,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  1e21,
  1e308,
  Number.MAX_VALUE,
]

/** A value that nobody would send on purpose. */
export function nasty(random: Random, depth = 0): unknown {
  switch (random.below(depth > 3 ? 4 : 7)) {
    case 0:
    case 1:
      return random.pick(texts)
    case 2:
      return random.pick(numbers)
    case 3:
      return random.pick([null, true, false])
    case 4:
      return Array.from({ length: random.pick([0, 1, 3, 100]) }, () => nasty(random, depth + 2))
    case 5:
      return nest(random.pick([5, 60, 70, 2_000]), random.chance(0.5))
    default: {
      const keys = Array.from({ length: random.below(4) }, () => random.pick(texts))
      // Not by assignment, or `__proto__` would be no key.
      return Object.fromEntries(keys.map((key) => [key, nasty(random, depth + 2)]))
    }
  }
}

/** A text of some sort. */
export const nastyText = (random: Random): string => random.pick(texts)

function nest(depth: number, inLists: boolean): unknown {
  let value: unknown = 1
  for (let count = 0; count < depth; count++) value = inLists ? [value] : { a: value }
  return value
}
