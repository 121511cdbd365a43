import {
  Arbiter,
  CircusClient,
  type Config,
  type ConfigInput,
  configFromObject,
  loadConfig,
  type PluginClock,
} from '../core/index.ts'
import { EventRecorder } from './events.ts'
import { type TemporaryFolder, temporaryFolder } from './folder.ts'
import { LogRecorder } from './log.ts'

/** A shutdown that takes longer, in milliseconds, is helped along with SIGKILL. */
const GRACE_MS = 5000

/** An arbiter in this process, with channels in a temporary folder. Leaving its scope stops it and removes the folder. */
export interface RunningArbiter extends AsyncDisposable {
  readonly arbiter: Arbiter
  /** Everything it published, from the beginning. */
  readonly events: EventRecorder
  /** Everything it logged, from the beginning. */
  readonly log: LogRecorder
  readonly folder: TemporaryFolder
  /** A client of its control channel. */
  readonly client: CircusClient
}

export interface StartOptions {
  /** Files beside the ini, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Whether `start()` is called, and waited for. @default true */
  readonly start?: boolean
  /** For the timers of plugins. @default that of this world */
  readonly clock?: PluginClock
  /** Has the last word on the configuration. */
  readonly adapt?: (config: Config, folder: TemporaryFolder) => Config
  /** Told of the arbiter before it starts. */
  readonly prepare?: (arbiter: Arbiter, log: LogRecorder) => void
}

/**
 * Start an arbiter from the text of an ini (written to `circus.ini` in the folder, `FOLDER` in it being that folder) or
 * from a typed configuration. Endpoints that it does not set are `ipc://` in the folder.
 */
export async function startArbiter(
  config: string | ConfigInput,
  { files, start = true, clock, adapt = (read) => read, prepare }: StartOptions = {},
): Promise<RunningArbiter> {
  await using started = new AsyncDisposableStack()
  const folder = started.use(temporaryFolder(files))
  const endpoints = {
    endpoint: `ipc://${folder.path('control.sock')}`,
    pubsub_endpoint: `ipc://${folder.path('events.sock')}`,
  }
  const log = new LogRecorder()
  const arbiter = new Arbiter(adapt(await read(config, folder, endpoints), folder), { log: log.log, clock })
  const events = new EventRecorder(arbiter)
  prepare?.(arbiter, log)
  started.use(untilTheEnd(arbiter, folder))
  started.defer(() => stop(arbiter))
  if (start) await arbiter.start()
  const client = started.use(new CircusClient({ endpoint: arbiter.endpoints.control }))
  const kept = started.move()
  return { arbiter, events, log, folder, client, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function read(config: string | ConfigInput, folder: TemporaryFolder, endpoints: Record<string, string>) {
  if (typeof config !== 'string') return configFromObject({ ...config, circus: { ...endpoints, ...config.circus } })
  const lines = Object.entries(endpoints).map(([name, value]) => `${name} = ${value}`)
  // The first value of an option wins: what the test itself sets comes before this.
  folder.write('circus.ini', [config.replaceAll('FOLDER', folder.root), '[circus]', ...lines, ''].join('\n'))
  return loadConfig(folder.path('circus.ini'))
}

/** What is to be undone should the program end in the midst of it: a runner may have had enough. */
const unfinished = new Set<() => void>()
process.on('exit', () => {
  for (const clean of unfinished) clean()
})

function untilTheEnd(arbiter: Arbiter, folder: TemporaryFolder): Disposable {
  const clean = () => {
    arbiter.kill()
    folder[Symbol.dispose]()
  }
  unfinished.add(clean)
  return { [Symbol.dispose]: () => void unfinished.delete(clean) }
}

async function stop(arbiter: Arbiter): Promise<void> {
  const timer = setTimeout(() => arbiter.kill(), GRACE_MS)
  await arbiter.stop('the end of the test').finally(() => clearTimeout(timer))
}
