import type { Arbiter } from '../arbiter.ts'
import { flattenOptions, type WatcherConfig } from '../config/index.ts'
import { ProcessReport } from '../process-report.ts'
import { properties } from '../schema.ts'
import type { Watcher } from '../watcher.ts'
import { defineCommand } from './command.ts'
import { optionalName } from './properties.ts'

/**
 * `describe`: all that is known of watchers, for people; of one watcher with its options and the whole trees of its
 * processes. core/README.md shows the reply.
 *
 * Reply  `watchers: { NAME: {…} }`
 * Errors `ERR_WATCHER_UNKNOWN`
 */
export const describe = defineCommand({
  name: 'describe',
  summary: 'Tell all that is known of watchers: state, processes, past exits, and of one, its options.',
  readOnly: true,
  properties: properties({ name: optionalName }),
  async execute({ arbiter }, { name }) {
    if (name !== undefined) {
      const watcher = arbiter.watcher(name)
      const one = { ...(await describeWatcher(arbiter, watcher, true)), options: describeOptions(watcher.config) }
      return { watchers: { [watcher.name]: one } }
    }
    const { watchers } = arbiter
    const all = await Promise.all(watchers.map((watcher) => describeWatcher(arbiter, watcher, false)))
    return { watchers: Object.fromEntries(watchers.map((watcher, at) => [watcher.name, all[at]])) }
  },
})

async function describeWatcher({ hooks }: Arbiter, watcher: Watcher, deep: boolean): Promise<object> {
  const { status, reason, history, pause, processes } = watcher
  const { numprocesses, priority, singleton } = watcher.options
  const { restarts, started, exits } = history
  const state = { status, reason, numprocesses, priority, singleton, restarts, started, pause, exits: [...exits] }
  return { ...state, processes: await new ProcessReport(hooks, { deep }).of(processes, watcher) }
}

/** Each option with where it was set; `null` where it holds its default. */
function describeOptions(config: WatcherConfig): Record<string, object> {
  // The streams as wholes are names of the wire: what the ini sets is below, each by its own name.
  const { env, stdout_stream_conf: _, stderr_stream_conf: __, ...options } = flattenOptions(config)
  const single = { ...options, ...singleVariables(env as Readonly<Record<string, string>>) }
  return Object.fromEntries(
    Object.entries(single).map(([name, value]) => {
      const origin = Object.hasOwn(config.origins, name) ? config.origins[name] : undefined
      return [name, { value, file: origin?.file ?? null, line: origin ? origin.line : null }]
    }),
  )
}

/** Each variable was set somewhere else. */
const singleVariables = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [`env.${name}`, value]))
