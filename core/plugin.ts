/**
 * The part of the public API that a plugin needs, and whoever runs one in a process of its own: without the kernel, which
 * takes 18 MB. Everything here is in `index.ts` too.
 */
export * from './client.ts'
export {
  Accepted,
  type CommandContext,
  type CommandDefinition,
  type CommandResult,
  defineCommand,
} from './command/command.ts'
/** An option that is a signal, as the commands take it: `15`, `TERM`, `SIGTERM`. */
export { optionalSignal } from './command/properties.ts'
export type { Principal, Role } from './command/role.ts'
/** Names as commands pick them with `match: 'glob'`: `parseGlob('web*', { ignoreCase: true })(name)`. */
export { parseGlob } from './config/glob.ts'
/** A command line as its words, split like `cmd` of a watcher. */
export { splitCommand } from './config/split-command.ts'
export type { CircusEvent } from './events.ts'
/** Regular expressions that an ini of the original holds, matched in a bounded time against what anybody sends. */
export { type Pattern, parsePattern } from './expression/index.ts'
export { createLogger, type Log } from './log.ts'
export {
  type Circus,
  type Dispose,
  definePlugin,
  type EventPlugin,
  type KernelCircus,
  type KernelPlugin,
  type OtherFailure,
  type PluginCallOptions,
  type PluginDefinition,
  type PluginEvent,
} from './plugin/definition.ts'
export { type IsolatedPlugin, runPlugin } from './plugin/isolated.ts'
export type { StatsChannel, StatsChannelOptions } from './plugin/stats-channel.ts'
export { signalName } from './posix/signals.ts'
export type { ProcessInfo, TreeTotals } from './process-info.ts'
export { ProcessSurvey, type SurveyedProcess, type SurveyTarget } from './process-survey.ts'
/** Schemas for the properties of a command and the options of a plugin, where zod would be too much: it takes 20 MB. */
export {
  flag,
  integer,
  number,
  oneOf,
  optionalText,
  type Parsed,
  type Property,
  properties,
  type Schema,
  strictProperties,
} from './schema.ts'
/** For what a plugin logs or sends: what looks like a secret in it is masked. */
export { looksSecret, maskSecrets } from './secrets.ts'
export { pauseIfLate } from './time-slices.ts'
