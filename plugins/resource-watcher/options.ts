import {
  flag,
  integer,
  KernelError,
  number,
  optionalSignal,
  optionalText,
  type Parsed,
  type Property,
  strictProperties,
} from '../../core/plugin.ts'
import { parseBytes } from '../lib/memory.ts'
import { statsdOptions } from '../lib/statsd.ts'

/** What is done when a limit was passed too often. */
export type Action =
  | { readonly id: 'restart' | 'restart_process' | 'reload' | 'stop' | 'event' }
  | { readonly id: 'signal'; readonly signum: number; readonly name: string }

/** A limit of memory: a part of the machine's, in percent, or bytes; `written` as in the ini. */
export interface MemoryLimit {
  readonly unit: 'percent' | 'bytes'
  readonly amount: number
  readonly written: string
}

const TERM = 15
const MOST = { min: 0, max: 1_000_000 }

/** A number that may be missing. */
const perhaps = (description: string): Property<number | undefined> => {
  const inner = number(description, 0, MOST)
  return { ...inner, read: (value, name) => (value === undefined ? undefined : inner.read(value, name)) }
}

/** As the original reads it: a number is a percentage; one with a unit, `200M`, is in bytes. */
const memory = <F extends MemoryLimit | undefined>(description: string, fallback: F): Property<MemoryLimit | F> => ({
  required: false,
  schema: { type: ['number', 'string'], description, ...(fallback && { default: fallback.amount }) },
  read(value, name) {
    if (value === undefined) return fallback
    const written = String(value).trim()
    const [, percent] = /^(\d+(?:\.\d*)?|\.\d+)\s*%?$/.exec(written) ?? []
    if (percent !== undefined) return { unit: 'percent', amount: Number(percent), written }
    const bytes = parseBytes(written)
    if (bytes !== undefined) return { unit: 'bytes', amount: bytes, written }
    throw new KernelError('ERR_PROPERTY_INVALID', [name, 'percent (20) or bytes with a unit (200M)', value])
  },
})

const signal: Property<number> = {
  ...optionalSignal,
  read(value, name) {
    try {
      return optionalSignal.read(value, name) ?? TERM
    } catch {
      throw new KernelError('ERR_PROPERTY_INVALID', [name, 'a signal: a number, TERM or SIGTERM', value])
    }
  },
}

const action = (description: string): Property<Action> => ({
  required: false,
  schema: { type: 'string', description, default: 'restart' },
  read(value, key) {
    if (value === undefined) return { id: 'restart' }
    const written = String(value).trim()
    switch (written) {
      case 'restart':
      case 'restart_process':
      case 'reload':
      case 'stop':
      case 'event':
        return { id: written }
    }
    const [, name] = /^signal\s*:\s*(\w[\w+-]*)$/.exec(written) ?? []
    if (name !== undefined) return { id: 'signal', signum: signal.read(name, key), name }
    const known = 'restart, restart_process, reload, stop, event or signal:NAME (signal:USR1)'
    throw new KernelError('ERR_PROPERTY_INVALID', [key, known, value])
  },
})

const limits = {
  max_cpu: number('percent of a processor that one process may use; 0: any', 90, MOST),
  min_cpu: perhaps('percent of a processor that one process should use more than'),
  max_mem: memory('memory that one process may use, in percent or, with a unit, bytes; 0: any', {
    unit: 'percent',
    amount: 90,
    written: '90',
  }),
  min_mem: memory('memory that one process should use more than', undefined),
  health_threshold: number('percent that processor and memory may come to, the mean of both; 0: any', 75, MOST),
  max_count: integer('so many looks in a row a limit may be passed; at one more something is done', 3, 0),
  process_children: flag('hold the children of the processes to the limits, each by itself', false),
  child_signal: signal,
  action: action('what is done: restart, restart_process, reload, stop, event or signal:NAME'),
}

export const options = strictProperties({
  ...statsdOptions,
  watcher: optionalText('the watcher, a glob, or several with commas; left out: those with options of their own'),
  service: optionalText('the old name of watcher'),
  loop_rate: number('seconds between two looks', 60, { min: 0.01, max: 2_000_000 }),
  ...limits,
})

/** The same as `resource_watcher.…` of one watcher, each in place of the plugin's. */
export const watcherOptions = strictProperties(
  Object.fromEntries(
    Object.entries<Property<unknown>>(limits).map(([key, property]) => [
      key,
      {
        ...property,
        read: (value: unknown, name: string) => (value === undefined ? undefined : property.read(value, name)),
      },
    ]),
  ),
)

export type Options = Parsed<typeof options>

/** What one watcher is held to. */
export type Limits = Pick<Options, keyof typeof limits>
