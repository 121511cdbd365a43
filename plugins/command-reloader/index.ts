import { type Circus, definePlugin, type Parsed } from '../../core/plugin.ts'
import { Follower } from './follower.ts'
import { options, type Settings, settingsOf, watcherOptions } from './options.ts'

/** Seconds between two looks at which watchers there are, in case an event got lost on its way. */
const SYNC_SECONDS = 60

/** Restarts, or reloads, watchers whose programs and other files have changed. */
export default definePlugin({
  name: 'command-reloader',
  summary: 'Restarts watchers whose programs, or other files of theirs, have changed.',
  options,
  watcherOptions: { prefix: 'command_reloader', schema: watcherOptions },
  async setup(circus, defaults) {
    const followers = new Map<string, Follower>()
    const add = (watcher: string): void => {
      const key = inTopics(watcher)
      // Plugins in processes of their own are not watchers of anybody.
      if (key.startsWith('plugin:') || followers.has(key)) return
      const follower = new Follower(circus, watcher, () => settingsFor(circus, watcher, defaults))
      followers.set(key, follower)
      void follower.configure()
    }
    const remove = (key: string): void => {
      void followers.get(key)?.end()
      followers.delete(key)
    }
    const sync = async (): Promise<void> => {
      const before = [...followers.keys()]
      const { watchers } = await circus.call<{ watchers: string[] }>('list')
      const there = new Set(watchers.map(inTopics))
      for (const key of before) if (!there.has(key)) remove(key)
      for (const watcher of watchers) add(watcher)
    }
    circus.on('add', ({ watcher }) => add(watcher))
    circus.on('updated', ({ watcher }) => void followers.get(watcher)?.configure())
    circus.on('remove', ({ watcher }) => remove(watcher))
    await sync()
    circus.every(Math.max(defaults.loop_rate, SYNC_SECONDS), sync)
    circus.every(defaults.loop_rate, () => {
      // None waits for another: the disk of one may hang.
      for (const follower of followers.values()) void follower.look()
    })
    return async () => {
      await Promise.all([...followers.values()].map((follower) => follower.end()))
    }
  },
})

/** What is wrong with a watcher's own options is told, and it has the plugin's then. */
async function settingsFor(circus: Circus, watcher: string, defaults: Parsed<typeof options>): Promise<Settings> {
  const none = { watch: undefined, ignore: undefined, debounce: undefined, action: undefined, active: true }
  try {
    return settingsOf(defaults, await circus.watcherOptions<Parsed<typeof watcherOptions>>(watcher))
  } catch (error) {
    if ((error as { errno?: unknown }).errno === 3 && (error as { code?: unknown }).code === 'ERR_WATCHER_UNKNOWN')
      throw error
    circus.log.error(`${watcher}: its command_reloader.… options are left out: ${(error as Error).message}`)
    return settingsOf(defaults, none)
  }
}

/** As events name it. */
const inTopics = (watcher: string): string => watcher.toLowerCase().replaceAll(' ', '_')
