import { circusTable } from './circus-table.ts'
import { describeHooks } from './hook-text.ts'
import { ConfigError } from './report.ts'
import { socketTable } from './socket-table.ts'
import type { CircusOptions, Config, Diagnostic, Origin, PluginConfig, SocketConfig, WatcherConfig } from './types.ts'

/** The configuration as `--check --json` prints it: names as in the ini, options resolved, lists sorted by name. */
export function describeConfig(config: Config, more: readonly Diagnostic[] = []): object {
  return {
    circus: describeCircus(config.circus, config.origins),
    watchers: byName(config.watchers).map(describeWatcher),
    sockets: byName(config.sockets).map(describeSocket),
    plugins: byName(config.plugins.filter(({ implied }) => !implied)).map(describePlugin),
    warnings: [...config.warnings, ...more],
  }
}

/** What is wrong with a configuration as `--check --json` prints it. Anything but a `ConfigError` is one error of no file. */
export function describeErrors(error: unknown): { errors: readonly Diagnostic[]; warnings: readonly Diagnostic[] } {
  if (error instanceof ConfigError) return { errors: error.errors, warnings: error.warnings }
  const message = error instanceof Error ? error.message : String(error)
  return { errors: [{ message, file: '', line: 0 }], warnings: [] }
}

/** `[circus]` as shown: masks in octal, the log level as it was written. */
export function describeCircus(
  circus: CircusOptions,
  origins: Readonly<Record<string, Origin>>,
): Record<string, unknown> {
  const { umask, endpoint_mode } = circus
  const shown: Record<string, unknown> = { ...circus, umask: octalText(umask), endpoint_mode: octalText(endpoint_mode) }
  if (circus.loglevel !== null && origins['loglevel']?.text) shown['loglevel'] = origins['loglevel'].text
  return inOrder(shown, Object.keys(circusTable))
}

/** A watcher as shown: `name`, then its options; functions by their names. */
export function describeWatcher({ name, options }: WatcherConfig): Record<string, unknown> {
  return { name, ...options, hooks: describeHooks(options.hooks) }
}

function describeSocket({ name, options }: SocketConfig): Record<string, unknown> {
  return { name, ...inOrder({ ...options, umask: octalText(options.umask) }, Object.keys(socketTable)) }
}

function describePlugin({ name, use, isolate, priority, options }: PluginConfig): Record<string, unknown> {
  return { name, use, isolate, priority, ...options }
}

function octalText(mask: number | null): string | null {
  return mask === null ? null : mask.toString(8).padStart(3, '0')
}

function inOrder(values: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, values[name]]))
}

function byName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
}
