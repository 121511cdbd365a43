/** The public API of circusd. */
export { Arbiter, type ArbiterOptions } from './arbiter.ts'
export * from './client.ts'
/** Making and reading folders with keys; loaded by itself, because node:crypto takes milliseconds. */
export const loadKeyFolder = () => import('./channel/curve/key-folder.ts')
export {
  Accepted,
  type CommandContext,
  type CommandDefinition,
  type CommandResult,
  defineCommand,
} from './command/command.ts'
export * from './config/index.ts'
export type { CircusEvent } from './events.ts'
export type { Hooks, OutputChunk, SignalRequest } from './hooks.ts'
export { getArbiter } from './library.ts'
export { createLogger, type Log } from './log.ts'
export { acquirePidfile } from './pidfile.ts'
export {
  type Circus,
  type Dispose,
  definePlugin,
  type EventPlugin,
  type KernelCircus,
  type KernelPlugin,
  type PluginDefinition,
  type PluginEvent,
} from './plugin/definition.ts'
export { type IsolatedPlugin, runPlugin } from './plugin/isolated.ts'
export type { StatsChannel, StatsChannelOptions } from './plugin/stats-channel.ts'
export { signalName, signalNumber } from './posix/signals.ts'
export type { Exit, Process, SpawnSpec, StandardStream } from './process.ts'
export type { ProcessInfo, TreeTotals } from './process-info.ts'
export { ProcessSurvey, type SurveyedProcess, type SurveyTarget } from './process-survey.ts'
/** Schemas for the properties of a command and the options of a plugin, where zod would be too much: it takes 20 MB. */
export { flag, integer, number, oneOf, optionalText, properties, type Schema, strictProperties } from './schema.ts'
export { pauseIfLate } from './time-slices.ts'
export type { Changes, Watcher, WatcherStatus } from './watcher.ts'
