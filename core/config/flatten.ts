import { describeHooks } from './hook-text.ts'
import type { WatcherConfig, WatcherOptions } from './types.ts'
import { watcherGroups } from './watcher-groups.ts'
import { watcherRows } from './watcher-table.ts'
import { workingFolder } from './working-folder.ts'

/**
 * A watcher's options as the commands `options` and `get` answer them: one value per name of the ini, limits, streams and
 * hooks by their whole names, what no option claims as well. As in the original, `env` is one object, each stream is there
 * once more as a whole under `stdout_stream_conf` and `stderr_stream_conf`, and `working_dir` is where processes start.
 */
export function flattenOptions({ options }: WatcherConfig): Record<string, unknown> {
  return Object.fromEntries(flatten(options))
}

/** `flattenOptions` as pairs, sorted by name. */
export function flatten(options: WatcherOptions): [name: string, value: unknown][] {
  const shown = { ...options, working_dir: options.working_dir ?? workingFolder(options) }
  const plain = [...watcherRows.keys()].map((name): [string, unknown] => [name, shown[name as keyof WatcherOptions]])
  const groups = { ...options, hooks: describeHooks(options.hooks) }
  const parts = watcherGroups
    .filter(({ field }) => field !== 'env')
    .flatMap(({ field, prefix }) =>
      Object.entries(groups[field]).map(([key, value]): [string, unknown] => [`${prefix}${key}`, value]),
    )
  const wholes: [string, unknown][] = [
    ['env', options.env],
    ['stdout_stream_conf', options.stdout_stream],
    ['stderr_stream_conf', options.stderr_stream],
    // There is no papa, and clients of the original may ask for it.
    ['use_papa', false],
  ]
  return [...Object.entries(options.options), ...plain, ...parts, ...wholes].sort(([a], [b]) => (a < b ? -1 : 1))
}
