import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inspect, isDeepStrictEqual } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import {
  type Arbiter,
  type CircusClient,
  type CircusEvent,
  type Config,
  type ConfigInput,
  type PluginEvent,
  type PluginFailure,
  topicName,
} from '../core/index.ts'
import { ManualClock } from './clock.ts'
import type { TemporaryFolder } from './folder.ts'
import { isolatedLog } from './isolated-log.ts'
import type { LogRecorder } from './log.ts'
import { PATIENCE_MS, type Wanted } from './recorder.ts'
import { type RunningArbiter, startArbiter } from './running.ts'

/** One plugin of a test. What is not named here is the plugin's own. */
export interface TestedPlugin {
  readonly name: string
  /** What to load, as in an ini; or the URL of its file: `new URL('../src/index.ts', import.meta.url)`. @default its name */
  readonly use?: string | URL
  readonly isolate?: boolean
  readonly priority?: number
  readonly [option: string]: unknown
}

/** What a daemon of a test is to run, by the names, units and defaults of a `circus.ini`. */
export interface DaemonOptions extends Omit<ConfigInput, 'plugins'> {
  readonly plugins?: readonly TestedPlugin[]
  /** The text of an ini, in place of all of these. `FOLDER` in it is the folder of the daemon. */
  readonly ini?: string
  /** Files to write into the folder of the daemon, by name. Relative paths are meant from there. */
  readonly files?: Readonly<Record<string, string>>
  /** Run the plugins in processes of their own. @default false */
  readonly isolated?: boolean
  /** `manual`: `circus.every` and `circus.after` wait for `daemon.tick`. Not with `isolated`. @default 'real' */
  readonly clock?: 'real' | 'manual'
}

/** How a plugin is. */
export interface PluginState {
  /** As the command `plugins` tells it: `running`, `restarting`, `hanging` …; `missing` when there is none of that name. */
  readonly state: string
  readonly isolated: boolean
  /** Milliseconds its functions have kept the event loop; of an isolated one, what it told last. */
  readonly busyMs: number
  /** What its functions threw, and what it could not do, from the beginning. */
  readonly failures: readonly PluginFailure[]
}

/** A daemon in this process, in a temporary folder. Leaving its scope stops it and removes the folder. */
export interface TestDaemon extends AsyncDisposable {
  readonly arbiter: Arbiter
  readonly client: CircusClient
  readonly folder: TemporaryFolder
  /** Everything that was logged, each record as `LEVEL message`; that of plugins as `LEVEL plugins: NAME: message`. */
  readonly log: LogRecorder
  /** The events so far. */
  readonly events: readonly PluginEvent[]
  /** Run a command and wait for its reply. Rejects as a client does. */
  call<T extends object = Record<string, unknown>>(command: string, properties?: object): Promise<T>
  /**
   * Wait for an event, or find it among those that came already: by name (`'reap'`), by watcher and name (`'web.reap'`),
   * `'*'` for any; with these `fields`, compared by value. Rejects after a while, with all events that there were.
   */
  event(topic: string, fields?: Readonly<Record<string, unknown>>, wanted?: Wanted): Promise<PluginEvent>
  /**
   * With `clock: 'manual'`: let so many seconds pass for the plugins. What is due runs in its order, and has settled when
   * this resolves.
   */
  tick(seconds: number): Promise<void>
  /** How a plugin is, by the name of its section. */
  plugin(name: string): PluginState
  /** Stop it and remove its folder, where `await using` is not to be had. */
  stop(): Promise<void>
}

/**
 * Start a daemon for a test, from options or from the text of an ini. Everything that starts by itself was started when this
 * resolves, and every plugin is at work. Rejects, and leaves nothing, when the configuration is wrong or a plugin is not at
 * work, with the reason that the log has.
 */
export async function startDaemon(options: string | DaemonOptions = {}): Promise<TestDaemon> {
  if (!isMainThread) throw new TypeError(inThread)
  const { ini, files, isolated = false, clock, ...config } = typeof options === 'string' ? { ini: options } : options
  const parts = Object.keys(config).join(', ')
  if (ini !== undefined && parts !== '') throw new TypeError(`write ${parts} into the ini, or leave the ini out`)
  const manual = clock === 'manual' ? new ManualClock() : undefined
  await using started = new AsyncDisposableStack()
  const running = started.use(
    await startArbiter(ini ?? configOf(config), {
      files,
      clock: manual,
      adapt: (read, folder) =>
        adapted(read, folder, { isIni: ini !== undefined, isolated, manual: manual !== undefined }),
      prepare: isolatedLog,
    }),
  )
  for (const { name } of running.arbiter.config.plugins) await untilAtWork(running, name)
  const kept = started.move()
  return daemonOf(running, manual, () => kept.disposeAsync())
}

const inThread =
  "the test runner runs this test in a thread, where no daemon can be: have it use processes (in vitest, pool: 'forks')"

function configOf({ plugins = [], ...rest }: Omit<DaemonOptions, 'ini' | 'files' | 'isolated' | 'clock'>): ConfigInput {
  const pathOf = (use: string | URL | undefined) => (use instanceof URL ? fileURLToPath(use) : use)
  return { ...rest, plugins: plugins.map((plugin) => ({ ...plugin, use: pathOf(plugin.use) })) }
}

/** Relative paths of a typed configuration are meant from the folder, as those of an ini are. */
function adapted(
  config: Config,
  { root, path }: TemporaryFolder,
  { isIni, isolated, manual }: { readonly isIni: boolean; readonly isolated: boolean; readonly manual: boolean },
): Config {
  const plugins = config.plugins.map((plugin) => (isolated ? { ...plugin, isolate: true } : plugin))
  const apart = manual && plugins.find(({ isolate }) => isolate)
  if (apart) throw new TypeError(`plugin ${apart.name} is isolated: in a process of its own there is no manual clock`)
  if (isIni) return { ...config, plugins }
  const watchers = config.watchers.map((watcher) => {
    if (watcher.origins['working_dir']) return watcher
    return { ...watcher, options: { ...watcher.options, working_dir: root } }
  })
  return { ...config, file: path('circus.ini'), watchers, plugins }
}

/** Resolves once a plugin does its work. Rejects when it cannot, with what the log says. */
async function untilAtWork({ arbiter, events, log }: RunningArbiter, name: string): Promise<void> {
  const why = (what: string, records: readonly string[]) =>
    new Error(`plugin ${name} ${what}:\n${records.map((record) => `  ${record}`).join('\n')}`)
  const { state, reason = '' } = descriptionOf(arbiter, name) ?? {}
  if (state === 'left out') throw why('was not loaded', [reason])
  const deadline = Date.now() + PATIENCE_MS
  const watcher = topicName(`plugin:${name}`)
  // A process whose plugin could not be set up tells that before it ends.
  const setupFailure = () => failuresOf(events, name).find(({ what }) => what === 'its setup')
  while (!arbiter.plugins.isRunning(name)) {
    const failure = setupFailure()
    if (failure) throw why('was not set up in its process', [failure.error, ...log.all])
    if (events.of(watcher).includes('reap')) throw why('has ended in its process', log.all)
    if (Date.now() > deadline) throw why(`is not at work after ${PATIENCE_MS} ms`, log.all)
    await sleep(10)
  }
}

function failuresOf(events: RunningArbiter['events'], name: string): PluginFailure[] {
  const source = `plugin.${topicName(name)}`
  const found = events.all.filter(({ watcher, event }) => event === 'failure' && watcher === source)
  return found.map(({ payload }) => payload as unknown as PluginFailure)
}

const descriptionOf = ({ plugins }: Arbiter, name: string) => plugins.describe().find((one) => one.name === name)

function daemonOf(running: RunningArbiter, clock: ManualClock | undefined, stop: () => Promise<void>): TestDaemon {
  const { arbiter, client, folder, log, events } = running
  return {
    arbiter,
    client,
    folder,
    log,
    get events() {
      return events.all.map(flat)
    },
    call: (command, properties = {}) => client.call(command, { ...properties }),
    async event(topic, fields = {}, wanted) {
      const matches = (event: CircusEvent) =>
        [event.event, `${event.watcher}.${event.event}`, '*'].includes(topic) &&
        Object.entries(fields).every(([name, value]) => isDeepStrictEqual(flat(event)[name], value))
      const what = Object.keys(fields).length > 0 ? `${topic} with ${inspect(fields)}` : topic
      return flat(await events.until(matches, wanted, what))
    },
    async tick(seconds) {
      if (!clock) throw new TypeError(`this daemon has the clock of the world: startDaemon({ clock: 'manual', … })`)
      await clock.tick(seconds)
    },
    plugin(name) {
      const { state = 'missing', isolated = false, busy_ms = 0 } = descriptionOf(arbiter, name) ?? {}
      return { state, isolated, busyMs: busy_ms, failures: failuresOf(events, name) }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** An event as listeners of a plugin get it. */
const flat = (event: CircusEvent): PluginEvent => ({ ...event.payload, ...event })
