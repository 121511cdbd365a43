import type { Daemon } from './daemon.ts'
import type { Folder } from './folder.ts'
import { bin } from './program.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'

/** What has a daemon publish its statistics in a folder. */
export const publishing = (folder: Folder) => `statsd = True\nstats_endpoint = ipc://${folder.at('stats')}\n`

/** `circus-top` in a real terminal. */
export function startTop(
  { endpoint }: Pick<Daemon, 'endpoint'>,
  args: readonly string[] = [],
  options?: TerminalOptions,
): Promise<Terminal> {
  return Terminal.start([process.execPath, bin('circus-top'), '--endpoint', endpoint, ...args], options)
}
