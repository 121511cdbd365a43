import { z } from 'zod'
import { definePlugin, type HookTarget, hookNames } from '../../core/index.ts'
import { HookRunner } from './runner.ts'
import { type TapOptions, taps } from './table.ts'

export type { Hook, HookContext, HookDetails, HookName } from './context.ts'

/** The kernel's own limit for a tap only steps in when this plugin's does not. In milliseconds. */
const MARGIN_MS = 10_000

type HookOptions = Readonly<Record<string, readonly [target: HookTarget, ignoreFailure: boolean]>>

/** Calls the `hooks.…` of watchers. The kernel loads it by itself as soon as a watcher has one. */
export default definePlugin({
  name: 'hooks',
  summary: 'Calls functions and commands at moments in the life of a watcher.',
  kernel: true,
  options: z.strictObject({
    /** Seconds a hook may take. */
    timeout: z.coerce.number().positive().max(86_400).default(60),
  }),
  async setup(circus, { timeout }) {
    const runner = new HookRunner(circus, timeout * 1000)
    const options: TapOptions = { name: circus.name, timeoutMs: timeout * 1000 + MARGIN_MS }
    const tapped = new Set<string>()
    // Only what some watcher has is tapped: an untapped hook costs nothing.
    const tap = (names: readonly string[]) => {
      for (const name of hookNames) {
        if (!names.includes(name) || tapped.has(name)) continue
        tapped.add(name)
        taps[name](circus.hooks, options, (...hook) => runner.run(...hook))
      }
    }
    const adopt = (watcher: string, hooks: HookOptions) => {
      tap(Object.keys(hooks))
      for (const [name, [target]] of Object.entries(hooks)) void runner.prepare(watcher, name, target)
    }
    circus.hooks.watcherAdded.tap(circus.name, ({ name, options }) => adopt(name, options.hooks))
    circus.hooks.watcherUpdated.tap(circus.name, ({ name, options }, changed) => {
      if (changed.some((option) => option.startsWith('hooks.'))) adopt(name, options.hooks)
    })
    // Loaded anew, it finds watchers whose coming it has not seen.
    const { watchers } = await circus.call<{ watchers: string[] }>('list')
    for (const name of watchers) {
      const { options } = await circus.call<{ options: Record<string, unknown> }>('options', { name })
      tap(hookNames.filter((hook) => `hooks.${hook}` in options))
    }
    return () => runner.idle()
  },
})
