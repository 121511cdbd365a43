import { setTimeout as delay } from 'node:timers/promises'
import type { Section } from './load.ts'
import { startCountedLoad } from './load-process.ts'
import type { Load, Running, Target } from './subject.ts'
import { connectionsOf, workersIn } from './workers.ts'
import { startWrk, type Throughput } from './wrk.ts'

/** Around each event, in milliseconds, so that what it does late is its own. */
const pauseMs = 300

/** Requests while nothing happens. */
export async function quietThroughput(target: Target, seconds: number): Promise<Throughput> {
  const load = startWrk(target)
  await delay(seconds * 1000)
  return load.end()
}

/** Requests while one thing happens after another, and until so many seconds are over. */
export function busyThroughput(target: Target, { events }: Running, seconds: number): Promise<Throughput> {
  return during(startWrk(target), async () => {
    const end = delay(seconds * 1000)
    for (const event of events) {
      await delay(pauseMs)
      await event.run()
    }
    await end
  })
}

/** What becomes of each request while one thing happens after another; a section for each. */
export async function eventSections(target: Target, { events }: Running): Promise<Section[]> {
  const load = startCountedLoad(target)
  const sections = await during(load, async () => {
    for (const { name, run } of events) {
      await delay(pauseMs)
      load.begin(name)
      await run()
    }
    await delay(pauseMs)
  })
  return sections
}

/** What a SIGKILL costs. */
export interface KillFigures {
  /** Connections that the server had. */
  readonly held: number
  readonly section: Section
}

/** SIGKILL of one server under load. It is halted before, so that what it has does not change while it is counted. */
export async function killOne(target: Target): Promise<KillFigures> {
  let held = 0
  const load = startCountedLoad(target)
  const sections = await during(load, async () => {
    await delay(1_000)
    load.begin('kill')
    const halted = await haltBusy(target)
    held = halted.held
    process.kill(halted.pid, 'SIGKILL')
    await delay(1_000)
  })
  return { held, section: sections.at(-1)! }
}

/** Halt a server that has connections; with luck that takes one attempt. */
async function haltBusy({ dir, port }: Target): Promise<{ readonly pid: number; readonly held: number }> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const hands = workersIn(dir).map((pid) => ({ pid, held: connectionsOf(pid, port) }))
    const { pid } = hands.reduce((most, each) => (each.held > most.held ? each : most))
    process.kill(pid, 'SIGSTOP')
    await delay(20)
    const held = connectionsOf(pid, port)
    if (held > 0) return { pid, held }
    process.kill(pid, 'SIGCONT')
    await delay(20)
  }
  throw new Error('no server has a connection')
}

/** The load ends, whatever becomes of the work. */
async function during<Figures>(load: Load<Figures>, work: () => Promise<void>): Promise<Figures> {
  try {
    await work()
  } catch (error) {
    await load.end().catch(() => {})
    throw error
  }
  return load.end()
}
