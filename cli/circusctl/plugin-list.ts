import type { PluginDescription } from '../../core/index.ts'
import type { Session } from './command.ts'
import { failureOf } from './failure.ts'
import { plainTerminal } from './output.ts'
import { formatPlugins } from './plugin-table.ts'

/** What a daemon said of its plugins, or why it did not. */
export type PluginList = { readonly plugins: readonly PluginDescription[] } | { readonly error: string }

/** Ask the daemon for its plugins. Never rejects but when the user has had enough: without a daemon there is more to tell. */
export async function askPlugins({ daemon, interrupted }: Session): Promise<PluginList> {
  try {
    const { plugins } = await daemon.call('plugins')
    return { plugins: plugins as PluginDescription[] }
  } catch (error) {
    if (interrupted.aborted) throw error
    return { error: failureOf('plugins', error, { endpoint: daemon.endpoint, timeoutMs: daemon.timeoutMs }).text }
  }
}

/** The same for people. */
export function pluginListText(list: PluginList, { output }: Session): string {
  return 'plugins' in list ? formatPlugins(list.plugins, output.terminal ?? plainTerminal) : list.error
}
