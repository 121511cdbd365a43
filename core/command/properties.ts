/** Properties that several commands have. */
import { KernelError } from '../errors.ts'
import { signalNumber } from '../posix/signals.ts'
import { flag, optional, optionalText, type Property, text } from '../schema.ts'

/** Any text will do: the empty one is no watcher's name, and is answered as such. */
export const name: Property<string> = {
  ...text('the watcher, in any case'),
  read: (value, key) => {
    if (typeof value === 'string') return value
    throw new KernelError('ERR_PROPERTY_INVALID', [key, 'a text', value])
  },
}
export const optionalName = optionalText('the watcher, in any case; all of them when left out')
export const waiting = flag('reply when the work is done')

const maxReasonCharacters = 1_000
const anyReason = optionalText('why, when nobody asked for it')
/** Cut: it is kept, and shown to whoever asks. */
export const reason: Property<string | undefined> = {
  ...anyReason,
  read: (value, key) => anyReason.read(value, key)?.slice(0, maxReasonCharacters),
}

/** How `name` picks watchers. */
export type Match = 'simple' | 'glob' | 'regex'

export const match: Property<Match> = {
  required: false,
  schema: { enum: ['glob', 'simple', 'regex'], default: 'glob', description: 'how name picks watchers' },
  read(value, key) {
    if (value === undefined || value === null) return 'glob'
    if (value === 'glob' || value === 'simple' || value === 'regex') return value
    throw new KernelError('ERR_PROPERTY_INVALID', [
      key,
      'glob, simple or regex',
      value,
      `unknown match method ${typeof value === 'string' ? value.slice(0, 100) : typeof value}`,
    ])
  },
}

const signalSchema = { type: ['integer', 'string'], description: 'a number, TERM, SIGTERM, SIGRTMIN+1' }

function readSignal(value: unknown, key: string): number {
  const number = typeof value === 'number' || typeof value === 'string' ? signalNumber(value) : null
  if (number !== null) return number
  throw new KernelError('ERR_PROPERTY_INVALID', [key, 'a signal: a number, TERM or SIGTERM', value, 'signal invalid'])
}

export const optionalSignal: Property<number | undefined> = optional(signalSchema, readSignal)
export const signal: Property<number> = { required: true, schema: signalSchema, read: readSignal }
