import { KernelError } from '../errors.ts'

/** What a process of a plugin may use, as written in its section. */
export interface IsolationLimits {
  /** Bytes of resident memory; 0: no limit. */
  readonly memoryBytes: number
  /** `rlimit_*`, as a watcher takes them. */
  readonly rlimits: Readonly<Record<string, unknown>>
}

/** Enough for a plugin with a few libraries five times over. */
const USUAL_MEMORY_BYTES = 256 * 1024 ** 2

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/**
 * Take what is about the process of an isolated plugin out of the options of a section: `isolate_memory` and `rlimit_*`.
 * Throws `ERR_PLUGIN_INVALID`, also when there is such an option and no process.
 */
export function splitIsolation(
  name: string,
  isolate: boolean,
  options: Readonly<Record<string, unknown>>,
): { readonly own: Readonly<Record<string, unknown>>; readonly limits: IsolationLimits } {
  const isLimit = ([key]: [string, unknown]) => key === 'isolate_memory' || key.startsWith('rlimit_')
  const entries = Object.entries(options)
  const { isolate_memory, ...rlimits } = Object.fromEntries(entries.filter(isLimit))
  const [first] = entries.find(isLimit) ?? []
  if (first !== undefined && !isolate)
    throw new KernelError('ERR_PLUGIN_INVALID', [name, `${first} is for plugins with isolate = true: write that, too`])
  return {
    own: Object.fromEntries(entries.filter((entry) => !isLimit(entry))),
    limits: { memoryBytes: readMemory(name, isolate_memory), rlimits },
  }
}

function readMemory(name: string, value: unknown): number {
  if (value === undefined) return USUAL_MEMORY_BYTES
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(String(value).trim()) ?? []
  if (number !== undefined) return Math.round(Number(number) * units[unit.toLowerCase()]!)
  const why = `isolate_memory must be a size like 256MB, or 0 for no limit, not ${JSON.stringify(value)}`
  throw new KernelError('ERR_PLUGIN_INVALID', [name, why])
}
