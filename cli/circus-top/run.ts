import { ReplyError } from '../../core/client.ts'
import { Daemon } from '../circusctl/daemon.ts'
import { failureOf } from '../circusctl/failure.ts'
import { formatJson } from '../circusctl/format.ts'
import { Feed, type FeedOptions } from './feed.ts'
import { onlyStatistics } from './only-statistics.ts'
import type { TopOptions } from './options.ts'

/** Show the live table, or print once. Resolves to the exit code. */
export async function run(options: TopOptions): Promise<number> {
  const { address, statsEndpoint, processTimeoutMs, sort, filter } = options
  // A dumb terminal has no cursor to move.
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== 'dumb'
  const once = options.once ?? (isTerminal ? undefined : 'table')
  await using daemon = new Daemon(address)
  try {
    // Ink and React take a while to load: meanwhile the daemon answers.
    const loading = once === undefined ? loadLive() : undefined
    loading?.catch(() => {})
    await using feed = await open({ daemon, statsEndpoint, processTimeoutMs, eager: once !== undefined })
    if (once === undefined) {
      daemon.attended = false
      const { showLive } = await loading!
      await showLive(feed, { sort, filter })
    } else {
      const { printOnce } = await import('./once.ts')
      await printOnce(feed, once, { sort, filter })
    }
    return 0
  } catch (error) {
    const { text, value, code } = failureOf('', error, address, 'circus-top')
    if (once === 'json') process.stdout.write(`${formatJson(value)}\n`)
    else process.stderr.write(`${text}\n`)
    return code
  }
}

/** React's version for development is slow, and keeps notes of each drawing for ever. */
function loadLive(): Promise<typeof import('./live.ts')> {
  process.env.NODE_ENV ??= 'production'
  return import('./live.ts')
}

/** Begin; at an endpoint that turns out to be that of the statistics, which the original's --endpoint was, with those alone. */
async function open(options: FeedOptions): Promise<Feed> {
  try {
    return await Feed.open(options)
  } catch (error) {
    if (error instanceof ReplyError || !(await onlyStatistics(options.daemon))) throw error
    return Feed.open({ ...options, statsOnly: true })
  }
}
