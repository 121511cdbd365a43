import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createGround } from './cleanup.ts'
import { launch, tail, timeCommand } from './command.ts'
import type { Manager, Setup } from './managers/manager.ts'
import { commandLine, cpuSeconds, memoryOf, withDescendants } from './proc.ts'
import { countSleepers, Sleepers } from './sleepers.ts'
import { median, percentile } from './statistics.ts'

/** What one round of one manager gave. A figure it does not have, or did not come to, is absent. */
export type Figures = Partial<Record<FigureName, number>>
export type FigureName =
  | 'allAliveSeconds'
  | 'rssMegabytes'
  | 'pssMegabytes'
  | 'anonymousMegabytes'
  | 'idleCpuSeconds'
  | 'statusMs'
  | 'successorP50Ms'
  | 'successorP99Ms'
  | 'stormSeconds'
  | 'stopSeconds'

export interface TrialOptions {
  readonly count: number
  readonly idleSeconds: number
  /** Ends after the memory was read. */
  readonly memoryOnly?: boolean
}

const successorKills = 30
const stormKills = 200
const statusCalls = 5

/**
 * One round: start, memory, idle time, status, single deaths, storm, stop. `figures` is filled as it goes, so that what
 * was measured before a failure is not lost. Throws when the manager does not keep its processes alive.
 */
export async function runTrial(manager: Manager, options: TrialOptions, figures: Figures): Promise<void> {
  using ground = createGround()
  const { count } = options
  const { dir, seconds } = ground
  const setup = manager.configure({ dir, seconds, count })
  using sleepers = new Sleepers(seconds)

  const begin = performance.now()
  const child = launch(setup.start, dir, 'start')
  try {
    figures.allAliveSeconds = ((await sleepers.until(count)) - begin) / 1000
    await settle(seconds, count)
    const sleeping = new Set(sleepers.alive.keys())
    const own = withDescendants([managerPid(setup, child)]).filter((pid) => !sleeping.has(pid))

    const { rssBytes, pssBytes, anonymousBytes } = memoryOf(own)
    figures.rssMegabytes = rssBytes / 1e6
    figures.pssMegabytes = pssBytes / 1e6
    figures.anonymousMegabytes = anonymousBytes / 1e6
    if (options.memoryOnly) return

    figures.idleCpuSeconds = await idleCpu(own, options.idleSeconds)
    if (setup.status) figures.statusMs = await statusTime(setup, dir)
    const latencies = await successorTimes(sleepers, count)
    figures.successorP50Ms = percentile(latencies, 50)
    figures.successorP99Ms = percentile(latencies, 99)
    await settle(seconds, count)
    figures.stormSeconds = await stormTime(sleepers, count)
    await settle(seconds, count)
    figures.stopSeconds = await stopTime(setup, dir, sleepers, own)
    const left = countSleepers(seconds)
    if (left.length > 0) throw new Error(`${left.length} processes are left after the stop`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`${reason}\n${tail(dir, 'start')}`, { cause: error })
  }
}

// Everything is older than a second afterwards, and the whole of /proc agrees with what was seen.
async function settle(seconds: number, count: number): Promise<void> {
  await delay(2_000)
  const found = countSleepers(seconds).length
  if (found !== count) throw new Error(`${found} processes live where ${count} should`)
}

function managerPid(setup: Setup, child: ChildProcess): number {
  return setup.pidFile ? Number(readFileSync(setup.pidFile, 'utf8')) : child.pid!
}

async function idleCpu(own: readonly number[], idleSeconds: number): Promise<number> {
  const before = cpuSeconds(own)
  await delay(idleSeconds * 1000)
  return cpuSeconds(own) - before
}

async function statusTime({ status }: Setup, dir: string): Promise<number | undefined> {
  const times: number[] = []
  for (let call = 0; call < statusCalls; call++) times.push(await timeCommand(status!, dir, 'status'))
  return median(times)
}

// Each victim is a different one of those that have lived longest.
async function successorTimes(sleepers: Sleepers, count: number): Promise<number[]> {
  const victims = [...sleepers.alive.keys()].slice(0, successorKills)
  const latencies: number[] = []
  for (const pid of victims) {
    await delay(50)
    sleepers.look()
    sleepers.forget(pid)
    const begin = performance.now()
    process.kill(pid, 'SIGKILL')
    latencies.push((await sleepers.until(count, { closelyMs: 25 })) - begin)
  }
  return latencies
}

async function stormTime(sleepers: Sleepers, count: number): Promise<number> {
  const victims = [...sleepers.alive.keys()].slice(0, Math.min(stormKills, count))
  for (const pid of victims) sleepers.forget(pid)
  const begin = performance.now()
  for (const pid of victims) process.kill(pid, 'SIGKILL')
  return ((await sleepers.until(count)) - begin) / 1000
}

async function stopTime(setup: Setup, dir: string, sleepers: Sleepers, own: readonly number[]): Promise<number> {
  const begin = performance.now()
  if (typeof setup.stop === 'string') process.kill(own[0]!, setup.stop)
  else launch(setup.stop, dir, 'stop')
  await sleepers.untilGone()
  // A zombie has no command line any more: whoever has to reap it is not being measured.
  for (const pid of own) {
    while (commandLine(pid)?.length) {
      if (performance.now() - begin > 60_000) throw new Error(`manager's process ${pid} is alive 60 s after the stop`)
      await delay(1)
    }
  }
  return (performance.now() - begin) / 1000
}
