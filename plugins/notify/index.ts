import { definePlugin, type PluginEvent } from '../../core/plugin.ts'
import { onExit } from '../lib/exits.ts'
import { commandTarget } from './command.ts'
import { LastLines } from './last-lines.ts'
import { messageOf } from './message.ts'
import { fromEvent, fromExit, fromFailure, type Occurrence } from './occurrence.ts'
import { options, type WatcherOptions, watcherOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { webhook } from './webhook.ts'

/** Tells people, or a program, of what matters: by a webhook, or by a command. */
export default definePlugin({
  name: 'notify',
  summary: 'Tells of what matters by a webhook or a command.',
  options,
  watcherOptions: { prefix: 'notify', schema: watcherOptions },
  setup(circus, { url, command, shell, format, headers, events, watchers, template, lines, ...limits }) {
    const target =
      url === undefined
        ? commandTarget({ command: command!, shell, template, folder: circus.folder })
        : webhook({ url, format, headers, template })
    const outbox = new Outbox(target, limits, circus.log)
    const last = new LastLines(circus, lines)
    const perWatcher = new Map<string, Promise<WatcherOptions>>()

    /** Those of a watcher: kept until they change. */
    const optionsOf = (watcher: string): Promise<WatcherOptions> => {
      const known = perWatcher.get(watcher)
      if (known) return known
      const read = circus.watcherOptions<WatcherOptions>(watcher).catch((error: Error) => {
        // One that was removed meanwhile has none.
        if ((error as { code?: unknown }).code === 'ERR_WATCHER_UNKNOWN') perWatcher.delete(watcher)
        else circus.log.error(`${watcher}: its notify.… options are left out: ${error.message}`)
        return { active: true, events: undefined }
      })
      perWatcher.set(watcher, read)
      return read
    }

    const consider = async (occurrence: Occurrence, own?: Promise<WatcherOptions>): Promise<void> => {
      const { active = true, events: ownEvents = events } = (await own) ?? {}
      const event = occurrence.kinds.find((kind) => ownEvents.has(kind)) ?? (ownEvents.has('*') && occurrence.kinds[0])
      if (active && event) {
        outbox.add(occurrence, event, async () => messageOf(occurrence, event, await last.of(occurrence)))
      }
    }
    const onEvent = (event: PluginEvent) => {
      const { watcher } = event
      const known = perWatcher.get(watcher)
      if (event.event === 'updated' || event.event === 'remove') perWatcher.delete(watcher)
      // Told below, with whether it was asked for.
      if (event.event === 'reap' || !watchers(watcher)) return
      return consider(fromEvent(event), event.event === 'remove' ? known : optionsOf(watcher))
    }
    circus.on('*', onEvent)
    onExit(circus, (exit) => {
      if (watchers(exit.watcher)) return consider(fromExit(exit), optionsOf(exit.watcher))
    })
    circus.onPluginFailure((failure) => {
      const occurrence = fromFailure(failure)
      if (watchers(occurrence.watcher)) return consider(occurrence)
    })
    return () => outbox.end()
  },
})
