/** The program of an isolated plugin: what a watcher `plugin:NAME` runs. */
import { setFlagsFromString } from 'node:v8'
import { createLogger } from '../log.ts'
import { runPlugin } from './isolated.ts'
import type { PluginAssignment } from './isolated-watcher.ts'

/** How often it is looked whether the daemon lives. */
const DAEMON_LOOK_MS = 1000

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
try {
  await runPlugin({ ...assignment, log, signal: ended.signal })
} catch (error) {
  log.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
