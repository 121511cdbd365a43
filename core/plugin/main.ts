/** The program of an isolated plugin: what a watcher `plugin:NAME` runs. */
import { setFlagsFromString } from 'node:v8'
import { reasonOf } from '../errors.ts'
import { createLogger } from '../log.ts'
import { runPlugin } from './isolated.ts'
import type { PluginAssignment } from './isolated-watcher.ts'
import { within } from './within.ts'

/** How often it is looked whether the daemon lives. */
const DAEMON_LOOK_MS = 1000

/** How long, in milliseconds, a plugin that cannot go on has to tell its daemon why. */
const LAST_WORDS_MS = 1000

// As for the daemon: a program that mostly waits needs little room for young objects.
setFlagsFromString('--semi-space-growth-factor=1')
const ended = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ended.abort())
const assignment: PluginAssignment = JSON.parse(process.env['CIRCUS_PLUGIN'] ?? '{}')
delete process.env['CIRCUS_PLUGIN']
process.title = `circus-plugin ${assignment.name}`
const log = createLogger({ name: 'circus-plugin' })
// A daemon that was killed stops nothing, and its successor runs a plugin of its own: two would do everything twice.
setInterval(() => {
  if (process.ppid !== assignment.daemon) ended.abort()
}, DAEMON_LOOK_MS).unref()
// What nobody has caught may have left it in any state: it says so and ends, and its watcher starts it anew.
let tell = async (what: string, error: unknown): Promise<unknown> => log.error(`${what} failed: ${reasonOf(error)}`)
const crash = (what: string) => async (error: unknown) => {
  await within(LAST_WORDS_MS, () => tell(what, error)).catch(() => {})
  process.exit(1)
}
process.on('uncaughtException', crash('code that nobody waits for'))
process.on('unhandledRejection', crash('a promise that nobody waits for'))
try {
  await runPlugin({ ...assignment, log, signal: ended.signal, onBegin: (told) => (tell = told) })
} catch (error) {
  log.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
