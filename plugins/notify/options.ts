import {
  flag,
  integer,
  KernelError,
  number,
  oneOf,
  type Parsed,
  type Property,
  parseGlob,
  type Schema,
  splitCommand,
  strictProperties,
} from '../../core/plugin.ts'
import { parseTemplate, type Template } from './template.ts'

/** What somebody is told of, unless it is written. */
const DEFAULT_EVENTS = 'exit_failure, unasked_stop, reload_failed, output_failed, plugin_failure'
const DEFAULT_TEMPLATE = '{watcher} on {host}: {summary}\\n{lines}'

/** An option of which `parse` makes something, or throws words; `isSecret`: which do not show it. */
function parsed<T, F extends string | undefined>(
  description: string,
  fallback: F,
  parse: (text: string) => T,
  { isSecret = false } = {},
): Property<T | (F extends undefined ? undefined : never)> {
  const read = (value: unknown, name: string): T => {
    try {
      if (typeof value !== 'string') throw new Error('a text')
      return parse(value)
    } catch (error) {
      const expected = (error as Error).message
      const said = isSecret ? ([`property '${name}' must be ${expected}`] as const) : ([] as const)
      throw new KernelError('ERR_PROPERTY_INVALID', [name, expected, value, ...said])
    }
  }
  return {
    required: false,
    schema: { type: 'string', description, ...(fallback !== undefined && { default: fallback }) },
    read: (value, name) => {
      if (value !== undefined && value !== null) return read(value, name)
      return (fallback === undefined ? undefined : read(fallback, name)) as T
    },
  }
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

/** Names of events, and of kinds of them. */
function parseEvents(text: string): ReadonlySet<string> {
  const names = words(text)
  if (names.length === 0 || names.some((name) => !/^(?:[a-z][a-z0-9_]*|\*)$/.test(name))) {
    throw new Error('names of events, like reap, stop or exit_failure, or *')
  }
  return new Set(names)
}

/** Whether a watcher is meant by globs, of which those that begin with `!` leave out. */
function parseWatchers(text: string): (watcher: string) => boolean {
  const globs = words(text).map((word) => ({
    isExcluding: word.startsWith('!'),
    matches: parseGlob(word.replace(/^!/, ''), { ignoreCase: true }),
  }))
  const including = globs.filter(({ isExcluding }) => !isExcluding)
  const excluding = globs.filter(({ isExcluding }) => isExcluding)
  return (watcher) =>
    (including.length === 0 || including.some(({ matches }) => matches(watcher))) &&
    !excluding.some(({ matches }) => matches(watcher))
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new Error('an address like https://HOST/PATH')
  return url
}

function parseHeaders(text: string): Headers {
  const headers = new Headers()
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [, name, value] = /^([^:]+):(.*)$/.exec(line.trim()) ?? []
    try {
      headers.append(name!.trim(), value!.trim())
    } catch {
      throw new Error('lines like NAME: VALUE')
    }
  }
  return headers
}

function parseCommand(text: string): string {
  try {
    if (splitCommand(text).length > 0) return text
  } catch (error) {
    throw new Error(`a command (${(error as Error).message})`)
  }
  throw new Error('a command')
}

const table = strictProperties({
  url: parsed('where a message is sent, by POST', undefined, parseUrl, { isSecret: true }),
  command: parsed('what is run for each message', undefined, parseCommand, { isSecret: true }),
  shell: flag('run the command by /bin/sh'),
  format: oneOf(
    'what is sent: {"text": …}, all there is to tell as JSON, or plain text',
    ['slack', 'json', 'text'],
    'slack',
  ),
  headers: parsed('headers that are sent, a line each', '', parseHeaders, { isSecret: true }),
  events: parsed('what somebody is told of', DEFAULT_EVENTS, parseEvents),
  watchers: parsed('of which watchers: globs; !GLOB leaves out', '*', parseWatchers),
  template: parsed<Template, string>('the text of a message', DEFAULT_TEMPLATE, parseTemplate),
  lines: integer('so many of the lines a process wrote last are told', 5, 0, 100),
  rate_limit: integer('at most so many messages …', 10, 1),
  rate_window: number('… in so many seconds', 60, { min: 0.1, max: 86_400 }),
  retries: integer('a message is tried again so many times', 5, 0),
  retry_delay: number('seconds before that, twice as many each time', 1, { min: 0.01, max: 3600 }),
  timeout: number('seconds one try may take', 10, { min: 0.1, max: 3600 }),
  queue: integer('at most so many messages wait', 100, 1, 10_000),
})

/** The options of `[plugin:notify]`, as they are used. */
export type Options = Parsed<typeof table>

const oneTarget = 'write either url = https://… or command = …, and not both'

/** The options of `[plugin:notify]`. */
export const options: Schema<Options> = {
  '~standard': {
    ...table['~standard'],
    async validate(input) {
      const result = await table['~standard'].validate(input)
      if (result.issues || (result.value.url === undefined) !== (result.value.command === undefined)) return result
      return { issues: [{ message: oneTarget }] }
    },
  },
}

/** Those of a watcher: `notify.…`. */
export const watcherOptions = strictProperties({
  active: flag('whether somebody is told of it', true),
  events: parsed('what of it, in place of what the section says', undefined, parseEvents),
})

export type WatcherOptions = Parsed<typeof watcherOptions>
