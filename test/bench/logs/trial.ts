import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createGround } from '../cleanup.ts'
import { launch, tail } from '../command.ts'
import { commandLine, cpuSeconds, withDescendants } from '../proc.ts'
import type { LogSetup, LogSubject } from './subject.ts'
import { verify } from './verify.ts'

const LINE_BYTES = 100
const PATIENCE_MS = 60_000
/** Files that have not grown for so long, with no writer at work any more, are complete. */
const QUIET_MS = 500

export interface TrialOptions {
  /** The compiled `writer.c`. */
  readonly writer: string
  readonly count: number
  readonly seconds: number
  readonly rotates: boolean
}

/** What one round gave. A gigabyte is 10⁹ bytes of what was written, without anything that was put before lines. */
export interface LogFigures {
  readonly megabytesPerSecond: number
  /** CPU seconds per GB of the manager and its loggers. */
  readonly managerCpu: number
  /** The same with the writers. */
  readonly allCpu: number
  readonly lost: number
  readonly torn: number
}

/** One round: start, write, wait until all has arrived, stop, verify. */
export async function runLogTrial(subject: LogSubject, options: TrialOptions): Promise<LogFigures> {
  using ground = createGround()
  const { dir } = ground
  for (const folder of ['ready', 'done']) mkdirSync(join(dir, folder))
  const { writer, count, seconds, rotates } = options
  const setup = subject.configure({ dir, count, rotates, argv: [writer, dir, String(seconds)] })
  const child = launch(setup.start, dir, 'start')
  try {
    await until(() => tellers(dir, 'ready').length === count, `${count} writers`)
    const manager = setup.pidFile ? Number(readFileSync(setup.pidFile, 'utf8')) : child.pid!
    const writers = tellers(dir, 'ready')
    const isWriter = new Set(writers)
    const own = withDescendants([manager]).filter((pid) => !isWriter.has(pid))
    // What starting took is not what is measured.
    await delay(1000)
    const [ownBefore, writersBefore] = [cpuSeconds(own), cpuSeconds(writers)]
    const begin = Date.now()
    writeFileSync(join(dir, 'go'), '')
    await until(() => tellers(dir, 'done').length === count, 'the end of the writers', seconds * 1000 + PATIENCE_MS)
    const end = await lastArrival(setup)
    const managerCpu = cpuSeconds(own) - ownBefore
    const writersCpu = cpuSeconds(writers) - writersBefore
    const written = new Map(writers.map((pid) => [pid, Number(readFileSync(join(dir, 'done', `${pid}`), 'utf8'))]))
    await stop(setup, dir, manager)
    const bytes = LINE_BYTES * [...written.values()].reduce((sum, lines) => sum + lines, 0)
    const { lost, torn } = verify(setup.files(), written, !rotates)
    return {
      megabytesPerSecond: bytes / 1e6 / ((end - begin) / 1000),
      managerCpu: managerCpu / (bytes / 1e9),
      allCpu: (managerCpu + writersCpu) / (bytes / 1e9),
      lost,
      torn,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${reason}\n${tail(dir, 'start')}`, { cause: error })
  }
}

/** The pids of the writers that have told so. */
const tellers = (dir: string, what: string): number[] => readdirSync(join(dir, what)).map(Number)

/** When a file grew last, in Unix milliseconds; the clock of the file system ticks every 4 ms. */
async function lastArrival(setup: LogSetup): Promise<number> {
  for (;;) {
    const files = setup.files().flat().filter(existsSync)
    const last = Math.max(...files.map((file) => statSync(file).mtimeMs))
    if (Date.now() - last > QUIET_MS) return last
    await delay(50)
  }
}

async function stop(setup: LogSetup, dir: string, manager: number): Promise<void> {
  if (typeof setup.stop === 'string') process.kill(manager, setup.stop)
  else launch(setup.stop, dir, 'stop')
  await until(() => !commandLine(manager)?.length, 'the end of the manager')
}

async function until(holds: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs / 1000} s: ${what}`)
    await delay(5)
  }
}
