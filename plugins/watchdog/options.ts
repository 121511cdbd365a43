import {
  integer,
  KernelError,
  number,
  optionalSignal,
  optionalText,
  type Pattern,
  type Property,
  parsePattern,
  strictProperties,
} from '../../core/plugin.ts'

/** A regular expression of the original's, which are Python's; `groups` must be among its named ones. */
const pattern = (description: string, fallback: string, groups: readonly string[] = []): Property<Pattern> => ({
  required: false,
  schema: { type: 'string', format: 'regex', description, default: fallback },
  read(value, name) {
    const read = parsePattern(text.read(value, name) ?? fallback, name)
    const missing = groups.find((group) => !read.groups.includes(group))
    if (missing === undefined) return read
    throw new Error(`${name}: there must be a group (?P<${missing}>…) in it, for example ${fallback}`)
  },
})

const text = optionalText('')
const address = optionalText('where to listen; every address of this machine: 0.0.0.0')

/** The options of `[plugin:watchdog]`: those of the original, with its defaults. */
export const options = strictProperties({
  loop_rate: number('seconds between two looks for silent processes', 60, { min: 0.01, max: 86_400 }),
  watchers_regex: pattern('which watchers are watched, by their names in lower case', '.*'),
  msg_regex: pattern('what a heartbeat looks like', '^(?P<pid>.*);(?P<timestamp>.*)$', ['pid']),
  max_count: integer('looks in a row that find a process silent before it is killed', 3, 1),
  ip: { ...address, read: (value: unknown, name: string) => address.read(value, name) || '127.0.0.1' },
  port: integer('the UDP port; 0: any free one, which the log tells', 1664, 0, 65_535),
  watchers_stop_signal: {
    ...optionalSignal,
    read(value: unknown, name: string) {
      try {
        return optionalSignal.read(value === '' ? undefined : value, name)
      } catch {
        // The words of the commands, which are the original's, do not tell which option.
        throw new KernelError('ERR_PROPERTY_INVALID', [name, 'a signal: a number, TERM or SIGTERM', value])
      }
    },
  },
  watchers_graceful_timeout: {
    required: false,
    schema: { type: 'number', description: 'seconds until SIGKILL; those of the watcher unless told', minimum: 0 },
    read: (value: unknown, name: string) => (value === undefined || value === '' ? undefined : grace.read(value, name)),
  },
})

const grace = number('', 0, { min: 0, max: 2_000_000 })
