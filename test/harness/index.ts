/** What tests of a running daemon share. */
export { type RunningArbiter, type StartOptions, startArbiter } from './arbiter.ts'
export { EventRecorder } from './events.ts'
export { type TemporaryFolder, temporaryFolder } from './folder.ts'
export { LogRecorder } from './log.ts'
export { ignoresTerm, isAlive, untilDead, untilTrue } from './processes.ts'
export { PATIENCE_MS, Recorder } from './recorder.ts'
