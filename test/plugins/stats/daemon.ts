import type { RunningArbiter } from '../../harness/index.ts'
import { startArbiter, untilTrue } from '../../harness/index.ts'
import { StatsListener } from './listener.ts'

/** The two ways to run the plugin. */
export const ways = {
  'in the daemon': '',
  'in a process of its own': '[plugin:stats]\nisolate = true\ninterval = 0.1\n',
}

/** A daemon that publishes its stats ten times a second. */
export interface StatsDaemon extends RunningArbiter {
  /** Where they are published. */
  readonly stats: string
  /** Hear them. */
  listen(topics?: readonly string[]): Promise<StatsListener>
}

/** Start one, with the plugin one way or the other. `ini` may not have a section `[circus]`. */
export async function startStats(way: keyof typeof ways, ini: string, circus = ''): Promise<StatsDaemon> {
  await using started = new AsyncDisposableStack()
  const section = ways[way] || '[plugin:stats]\ninterval = 0.1\n'
  const endpoint = 'stats_endpoint = tcp://127.0.0.1:*\n'
  const running = started.use(await startArbiter(`[circus]\n${circus}${endpoint}${section}${ini}`))
  const { arbiter } = running
  // A process of its own says where it has bound it, and offers its command then.
  await untilTrue(() => 'history' in arbiter.commands.describe(), 'the command history')
  const kept = started.move()
  return {
    ...running,
    stats: arbiter.statsEndpoint,
    listen: (topics) => StatsListener.at(arbiter.statsEndpoint, topics),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
