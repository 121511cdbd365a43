import { KernelError } from '../errors.ts'
import { quoted } from '../quoted.ts'
import { maskSecrets } from '../secrets.ts'
import { asText, excerpt } from './report.ts'

/** One thing wrong with an option, before it is known who is told: the reader of a file, or a client. */
export type Problem =
  /** No such option. It is kept; `dotted` ones may belong to a plugin. */
  | {
      readonly id: 'unknown'
      readonly name: string
      readonly got: unknown
      readonly dotted: boolean
      readonly nearest?: string
      readonly advice?: string
    }
  /** The value is not what the option takes. */
  | {
      readonly id: 'invalid'
      readonly name: string
      readonly expected: string
      readonly said?: string
      readonly got: unknown
    }
  /** A name below a prefix that has a fixed set of names: `hooks.befor_start`, `rlimit_files`. */
  | {
      readonly id: 'misnamed'
      readonly name: string
      readonly got: unknown
      readonly nearest?: string
      readonly expected: string
    }
  /** The value does not go together with that of option `with`; `name` is the one to change. */
  | { readonly id: 'conflict'; readonly name: string; readonly with?: string; readonly why: string }
  /** Allowed, but not what it looks like. */
  | { readonly id: 'doubtful'; readonly name: string; readonly with?: string; readonly why: string }

/** Whether a file with this problem can still be used. */
export function isWarning(problem: Problem): boolean {
  return problem.id === 'unknown' || problem.id === 'doubtful'
}

/** The problem in words, for whoever wrote the file. */
export function problemMessage(section: string, problem: Problem): string {
  switch (problem.id) {
    case 'unknown': {
      const { name, got, nearest, advice } = problem
      const instead = advice ?? (nearest ? `did you mean ${nearest}?` : 'it is kept for plugins')
      return `[${section}] ${name} = ${shown(name, got)}: unknown option; ${instead}`
    }
    case 'invalid':
      return `[${section}] ${problem.name} = ${shown(problem.name, problem.got)}: must be ${problem.expected}`
    case 'misnamed': {
      const { name, got, nearest, expected } = problem
      const instead = nearest ? `did you mean ${nearest}?` : `known are ${expected}`
      return `[${section}] ${name} = ${shown(name, got)}: no such name; ${instead}`
    }
    case 'conflict':
    case 'doubtful':
      return `[${section}] ${problem.name}: ${problem.why}`
    default:
      return problem satisfies never
  }
}

/** The value as a log may show it. */
const shown = (name: string, got: unknown): string => excerpt(maskSecrets({ [name]: got })[name])

/** The problem as a client is told. */
export function problemError(watcher: string, problem: Problem): KernelError {
  switch (problem.id) {
    case 'unknown':
      return new KernelError('ERR_OPTION_UNKNOWN', [problem.name, problem.nearest])
    case 'misnamed': {
      const said = problem.name.startsWith('rlimit_')
        ? `${quoted(problem.name)} isn't a valid rlimit setting`
        : undefined
      return new KernelError('ERR_OPTION_UNKNOWN', [problem.name, problem.nearest, said])
    }
    case 'invalid':
      return new KernelError('ERR_OPTION_INVALID', [problem.name, problem.expected, jsonOf(problem.got), problem.said])
    case 'conflict':
    case 'doubtful':
      return new KernelError('ERR_WATCHER_INVALID', [watcher, `${problem.name}: ${problem.why}`])
    default:
      return problem satisfies never
  }
}

/** Requests from the wire are JSON; what a program hands to the library may be something JSON has no form for. */
function jsonOf(value: unknown): unknown {
  try {
    JSON.stringify(value)
    return value
  } catch {
    return asText(value)
  }
}
