import { type Circus, definePlugin, type Parsed } from '../../core/plugin.ts'
import { Notices } from './notices.ts'
import { options } from './options.ts'
import { Pulses } from './pulses.ts'
import { Receiver } from './receiver.ts'

type Settings = Parsed<typeof options>

/** Seconds between two looks at which processes there are, in case an event got lost on its way. */
const SYNC_SECONDS = 60

/** Kills processes that send no heartbeats any more; their watchers replace them. */
export default definePlugin({
  name: 'watchdog',
  summary: 'Kills processes that send no heartbeats over UDP any more.',
  options,
  async setup(circus, settings) {
    const dog = new Watchdog(circus, settings)
    circus.on('spawn', (event) => dog.onSpawn(event.watcher, event['process_pid'] as number))
    circus.on('reap', (event) => dog.pulses.remove(event['process_pid'] as number))
    // Also with nostop: then its processes live on, and are nobody's.
    circus.on('remove', ({ watcher }) => dog.pulses.removeWatcher(watcher))
    const receiver = await Receiver.listen(circus, settings, dog.notices, (pid) => dog.pulses.heard(pid))
    await dog.sync()
    circus.every(Math.max(settings.loop_rate, SYNC_SECONDS), () => dog.sync())
    circus.every(settings.loop_rate, () => dog.look(receiver.takeOverrun()))
  },
})

class Watchdog {
  readonly pulses = new Pulses()
  readonly notices: Notices
  readonly #circus: Circus
  readonly #settings: Settings
  #lookedAt = performance.now()

  constructor(circus: Circus, settings: Settings) {
    this.#circus = circus
    this.#settings = settings
    this.notices = new Notices(circus.log)
  }

  onSpawn(watcher: string, pid: number): void {
    if (this.#isWatched(watcher)) this.pulses.add(watcher, pid)
  }

  /** Look which processes there are. */
  async sync(): Promise<void> {
    const before = new Set(this.pulses.pids)
    try {
      const { watchers } = await this.#circus.call<{ watchers: string[] }>('list')
      for (const name of watchers.filter((each) => this.#isWatched(each))) {
        for (const pid of await this.#pidsOf(name)) {
          before.delete(pid)
          if (!this.pulses.has(pid)) this.pulses.add(inTopics(name), pid)
        }
      }
    } catch (error) {
      this.#tell(error)
      return
    }
    for (const pid of before) this.pulses.remove(pid)
  }

  /** Count, and kill what was silent for too long. `overrun`: heartbeats may have been lost. */
  async look(overrun: boolean): Promise<void> {
    const { loop_rate, max_count } = this.#settings
    const now = performance.now()
    // Who looks late was asleep: what was sent meanwhile is not read yet.
    const isLate = now - this.#lookedAt > loop_rate * 1500
    this.#lookedAt = now
    if (isLate || overrun) return
    const silent = this.pulses.look(max_count)
    await Promise.all([...silent].map(([watcher, pids]) => this.#end(watcher, pids)))
  }

  async #end(watcher: string, pids: readonly number[]): Promise<void> {
    const { loop_rate, max_count, watchers_stop_signal: signum, watchers_graceful_timeout } = this.#settings
    try {
      const there = new Set(await this.#pidsOf(watcher))
      for (const pid of pids) {
        if (!there.has(pid)) {
          this.pulses.remove(pid)
          continue
        }
        this.#circus.log.warning(
          `${watcher}: process ${pid} sent no heartbeat for ${max_count} × ${loop_rate} s: it is killed`,
        )
        const how = {
          ...(signum !== undefined && { signum }),
          ...(watchers_graceful_timeout !== undefined && { graceful_timeout: watchers_graceful_timeout }),
        }
        await this.#circus.call('kill', { name: watcher, pid, ...how })
      }
    } catch (error) {
      for (const pid of pids) this.pulses.spare(pid)
      this.#tell(error)
    }
  }

  /** None when the watcher is gone. */
  async #pidsOf(name: string): Promise<number[]> {
    try {
      return (await this.#circus.call<{ pids: number[] }>('list', { name })).pids
    } catch (error) {
      // The number of it: an original Circus tells no codes.
      if ((error as { errno?: unknown }).errno === 3) return []
      throw error
    }
  }

  #isWatched(watcher: string): boolean {
    // The plugins of this daemon, and this one, send none.
    if (watcher.startsWith('plugin:')) return false
    const { watchers_regex } = this.#settings
    const name = inTopics(watcher)
    return watchers_regex.match(name) !== undefined || watchers_regex.match(name.replaceAll('_', ' ')) !== undefined
  }

  #tell(error: unknown): void {
    this.notices.tell('call', () => `the daemon does not answer as it should: ${(error as Error).message}`)
  }
}

/** As events name it. */
const inTopics = (watcher: string): string => watcher.toLowerCase().replaceAll(' ', '_')
