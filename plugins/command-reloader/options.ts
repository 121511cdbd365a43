import { flag, number, oneOf, optionalText, type Parsed, type Property, strictProperties } from '../../core/plugin.ts'

const actions = ['restart', 'reload'] as const
const longest = { min: 0, max: 3600 }

const watch = optionalText('globs of files to watch as well, from the working_dir of each watcher')
const ignore = optionalText('globs of what not to watch; node_modules and .git never are')

/** The options of `[plugin:command-reloader]`. */
export const options = strictProperties({
  loop_rate: number('seconds between two looks at the files of the commands', 1, { min: 0.01, max: 86_400 }),
  watch,
  ignore,
  debounce: number('seconds without a change before something is done', 0.5, longest),
  action: oneOf('what is done', actions, 'restart'),
})

/** What is left out stays so: the plugin's own is meant. */
const orNothing = <T>(property: Property<T>): Property<T | undefined> => ({
  ...property,
  read: (value, name) => (value === undefined || value === '' ? undefined : property.read(value, name)),
})

/** The same as `command_reloader.…` of one watcher, each in place of the plugin's. */
export const watcherOptions = strictProperties({
  watch,
  ignore,
  debounce: orNothing(number('', 0, longest)),
  action: orNothing(oneOf('', actions, 'restart')),
  active: flag('false: nothing is done about this watcher', true),
})

/** What holds for one watcher. */
export interface Settings {
  readonly watch: string
  readonly ignore: string
  readonly debounce: number
  readonly action: (typeof actions)[number]
  readonly active: boolean
}

/** The plugin's options, and in place of them what a watcher has of its own. */
export function settingsOf(plugin: Parsed<typeof options>, own: Parsed<typeof watcherOptions>): Settings {
  return {
    watch: own.watch ?? plugin.watch ?? '',
    ignore: own.ignore ?? plugin.ignore ?? '',
    debounce: own.debounce ?? plugin.debounce,
    action: own.action ?? plugin.action,
    active: own.active,
  }
}
