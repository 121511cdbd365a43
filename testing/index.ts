/**
 * For the tests of plugins (`circusd/testing`): a real daemon in the process of the test, with events to wait for and a clock
 * to turn. It needs no particular test runner.
 */
export { type DaemonOptions, type PluginState, startDaemon, type TestDaemon, type TestedPlugin } from './daemon.ts'
export type { TemporaryFolder } from './folder.ts'
export type { LogRecorder } from './log.ts'
export type { Recorder, Wanted } from './recorder.ts'
