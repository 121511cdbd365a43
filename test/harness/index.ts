/** What tests of a running daemon share: what `circusd/testing` is made of, and what only tests of circusd need. */
export { EventRecorder } from '../../testing/events.ts'
export { type TemporaryFolder, temporaryFolder } from '../../testing/folder.ts'
export { LogRecorder } from '../../testing/log.ts'
export { PATIENCE_MS, Recorder } from '../../testing/recorder.ts'
export { type RunningArbiter, type StartOptions, startArbiter } from '../../testing/running.ts'
export { ignoresTerm, isAlive, untilDead, untilTrue } from './processes.ts'
