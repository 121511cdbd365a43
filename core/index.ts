/** The public API of circusd. */
export { Arbiter, type ArbiterOptions } from './arbiter.ts'
/** Making and reading folders with keys; loaded by itself, because node:crypto takes milliseconds. */
export const loadKeyFolder = () => import('./channel/curve/key-folder.ts')
// A command of the control channel, not a watcher's.
export type { CommandContext } from './command/command.ts'
export * from './config/index.ts'
export { topicName } from './events.ts'
export type { Hooks, OutputChunk, SignalRequest } from './hooks.ts'
export { getArbiter } from './library.ts'
export { type Carrier as SyslogCarrier, facilities as syslogFacilities, legacySyslogHead } from './log/syslog.ts'
export { udpCarrier } from './log/udp.ts'
export { unixDatagramCarrier } from './log/unix-datagram.ts'
export { ownStream } from './output/own-stream.ts'
export {
  defineStream,
  NotAllTaken,
  type OutputKind,
  type OutputPiece,
  type OutputStream,
  type StreamClass,
  type StreamContext,
} from './output/stream.ts'
export { streamWarnings } from './output/stream-check.ts'
export { acquirePidfile } from './pidfile.ts'
export type { PluginClock, PluginTimer } from './plugin/clock.ts'
export type { PluginDescription } from './plugin/description.ts'
export { outlive } from './plugin/outlive.ts'
export type { PluginFailure } from './plugin/scope.ts'
export * from './plugin.ts'
export { exitAtOnce } from './posix/exit.ts'
export { limitFilesOfPrograms } from './posix/limits.ts'
export { signalName, signalNumber } from './posix/signals.ts'
export { undeliveredBytes } from './posix/socket-queue.ts'
export type { Exit, Process, SpawnSpec, StandardStream } from './process.ts'
export type { Changes, Watcher, WatcherStatus } from './watcher.ts'
