import type { Arbiter } from '../arbiter.ts'
import { flattenOptions, type WatcherConfig } from '../config/index.ts'
import { ProcessReport } from '../process-report.ts'
import { flag, properties } from '../schema.ts'
import { maskSecrets } from '../secrets.ts'
import type { Watcher } from '../watcher.ts'
import { type Caller, defineCommand } from './command.ts'
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
  showsOptions: true,
  properties: properties({
    name: optionalName,
    brief: flag('do not look at the processes, and tell the last exit only'),
  }),
  async execute({ arbiter, caller }, { name, brief }) {
    if (name !== undefined) {
      const watcher = arbiter.watcher(name)
      const options = describeOptions(watcher.config, caller)
      const one = { ...(await describeWatcher(arbiter, watcher, brief ? 'brief' : 'deep')), options }
      return { watchers: { [watcher.name]: one } }
    }
    const { watchers } = arbiter
    const all = await Promise.all(
      watchers.map((watcher) => describeWatcher(arbiter, watcher, brief ? 'brief' : 'flat')),
    )
    return { watchers: Object.fromEntries(watchers.map((watcher, at) => [watcher.name, all[at]])) }
  },
})

async function describeWatcher({ hooks }: Arbiter, watcher: Watcher, how: 'brief' | 'flat' | 'deep'): Promise<object> {
  const { status, reason, history, pause, processes } = watcher
  const { numprocesses, priority, singleton } = watcher.options
  const { restarts, started, exits, renewal } = history
  const state = { status, reason, numprocesses, priority, singleton, restarts, started, renewal, pause }
  if (how === 'brief') {
    const known = processes.map(({ pid, wid, startedAt }) => ({ pid, wid, started: startedAt / 1000 }))
    return { ...state, exits: exits.slice(0, 1), processes: known }
  }
  const looked = await new ProcessReport(hooks, { deep: how === 'deep' }).of(processes, watcher)
  return { ...state, exits: [...exits], processes: looked }
}

/** Each option with where it was set; `null` where it holds its default. What looks like a secret only admins see. */
function describeOptions(config: WatcherConfig, { role }: Caller): Record<string, object> {
  // The streams as wholes are names of the wire: what the ini sets is below, each by its own name.
  const { env, use_papa: _, stdout_stream_conf: __, stderr_stream_conf: ___, ...options } = flattenOptions(config)
  const single = { ...options, ...singleVariables(env as Readonly<Record<string, string>>) }
  // What is masked by name has to be before it is below another.
  const shown = role === 'admin' ? single : maskSecrets(single)
  return Object.fromEntries(
    Object.entries(shown).map(([name, value]) => {
      const origin = Object.hasOwn(config.origins, name) ? config.origins[name] : undefined
      return [name, { value, file: origin?.file ?? null, line: origin ? origin.line : null }]
    }),
  )
}

/** Each variable was set somewhere else. */
const singleVariables = (env: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [`env.${name}`, value]))
