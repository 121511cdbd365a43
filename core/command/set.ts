import { changeOptions } from '../config/index.ts'
import { flag, properties, record } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { name, waiting } from './properties.ts'

/**
 * `set`: change options of a watcher; its processes follow. With `check` nothing is changed, and the reply tells what would
 * be: `changed`, the names of the options, and `effect`: `replace`, `resize` or `none`.
 *
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID`, `ERR_STREAM_INVALID`, `ERR_FORBIDDEN`
 *        (endpoint_owner); all of them before anything is changed
 */
export const set = defineCommand({
  name: 'set',
  summary: 'Change options of a watcher.',
  properties: properties({
    name,
    options: record('new values by the names of the options in the ini', true),
    check: flag('only tell what it would do'),
    waiting,
  }),
  async execute({ arbiter }, { name, options, check }) {
    const watcher = arbiter.watcher(name)
    arbiter.ownership.allowSet(watcher, options)
    const { config, effect, changed } = changeOptions(watcher.config, options)
    await arbiter.admit(config)
    if (check) return { effect, changed }
    // A reloadconfig may have changed meanwhile as whom it runs.
    arbiter.ownership.allowSet(watcher, options)
    return new Accepted(watcher.set(options))
  },
})
