import { createGround, type Ground } from './cleanup.ts'
import { tail } from './command.ts'
import { machineFacts } from './machine.ts'
import { missingPrograms } from './managers/manager.ts'
import { prepareManagers } from './prepare.ts'
import { circusd } from './reload/circusd.ts'
import { measureDemand } from './reload/demand.ts'
import { measureMany } from './reload/many.ts'
import { busyThroughput, eventSections, killOne, quietThroughput } from './reload/measure.ts'
import { pm2 } from './reload/pm2.ts'
import { type Figures, noFigures, printFigures } from './reload/report.ts'
import type { Running, Subject, Target } from './reload/subject.ts'
import { unmanaged } from './reload/unmanaged.ts'
import { untilWorkers } from './reload/workers.ts'
import type { Suite } from './suite.ts'

const processes = 4
const connections = 50
/** The quiet load comes in pieces of so many seconds, those of all subjects in turn: a busy moment hits all alike. */
const sliceSeconds = 2

/** One subject in one round. */
interface Started {
  readonly subject: Subject
  readonly ground: Ground
  readonly running: Running
}

/** What requests notice of reloads, deaths and starts on demand, with this daemon, its peer, and without any manager. */
export const reload: Suite = {
  summary: 'what requests notice of reloads and deaths of servers, and of their start on demand',

  async run(options) {
    using workshop = createGround()
    const facts = machineFacts()
    const subjects = prepareManagers([unmanaged, circusd, pm2], options, workshop.dir)
    const noWrk = missingPrograms('wrk', ['wrk'])
    if (noWrk !== undefined) console.log(`requests per second are left out: ${noWrk}`)
    const figures = new Map<string, Figures>(subjects.map(({ name }) => [name, noFigures()]))
    for (let round = 1; round <= options.rounds; round++) {
      await using started = new StartedSubjects()
      for (const subject of subjects) {
        process.stderr.write(`round ${round} of ${options.rounds}: ${subject.name}\n`)
        await started.start(subject)
      }
      for (const keepAlive of [true, false]) {
        const seconds = noWrk === undefined ? (options.loadSeconds ?? 20) : 0
        await measureRound(started, figures, keepAlive, seconds)
      }
    }
    const measuresCircusd = subjects.includes(circusd)
    const demand = measuresCircusd ? await orTell('on demand', measureDemand()) : undefined
    const many = measuresCircusd ? await orTell('many sockets', measureMany()) : undefined
    console.log(`${processes} servers, ${connections} connections, ${options.rounds} rounds; ${facts}`)
    printFigures(figures, demand, many)
    return { facts, figures: Object.fromEntries(figures), demand, many }
  },
}

/** What was measured before a failure is not lost. */
async function orTell<T>(what: string, figures: Promise<T>): Promise<T | undefined> {
  try {
    return await figures
  } catch (error) {
    console.log(`${what} failed: ${error}\n`)
    process.exitCode = 1
    return undefined
  }
}

/** Those that run in a round, each in a folder of its own. */
class StartedSubjects implements AsyncDisposable {
  readonly all: Started[] = []
  readonly #stack = new AsyncDisposableStack()

  async start(subject: Subject): Promise<void> {
    const ground = this.#stack.use(createGround())
    await this.#attempt(subject, ground, async () => {
      const running = await subject.start(ground, processes)
      this.all.push({ subject, ground, running })
      this.#stack.defer(async () => {
        await this.#attempt(subject, ground, () => running.stop())
      })
    })
  }

  /** Do something with each; one that fails is left out of the rest of the round. */
  async each(work: (started: Started) => Promise<void>, among = this.all): Promise<void> {
    for (const started of [...among]) {
      if (!this.all.includes(started)) continue
      const done = await this.#attempt(started.subject, started.ground, () => work(started))
      if (!done) this.all.splice(this.all.indexOf(started), 1)
    }
  }

  async #attempt({ name }: Subject, { dir }: Ground, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      console.log(`${name} failed: ${error instanceof Error ? error.message : error}\n${tail(dir, 'start')}\n`)
      process.exitCode = 1
      return false
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

async function measureRound(
  started: StartedSubjects,
  figures: ReadonlyMap<string, Figures>,
  keepAlive: boolean,
  seconds: number,
): Promise<void> {
  const target = ({ running, ground }: Started): Target => ({
    ...{ port: running.port, dir: ground.dir },
    ...{ connections, keepAlive },
  })
  const of = ({ subject }: Started) => figures.get(subject.name)![keepAlive ? 'keepAlive' : 'close']
  const tell = (what: string) => process.stderr.write(`  ${keepAlive ? 'keep-alive' : 'close'}: ${what}\n`)
  if (seconds > 0) {
    tell('quiet')
    // Programs that have served for a while are faster.
    await started.each(async (one) => void (await quietThroughput(target(one), 1)))
    const slices = Math.ceil(seconds / sliceSeconds)
    for (let slice = 0; slice < slices; slice++) {
      const inTurn = slice % 2 === 0 ? started.all : started.all.toReversed()
      await started.each(
        async (one) => void of(one).quiet.push(await quietThroughput(target(one), seconds / slices)),
        inTurn,
      )
    }
    tell('events, by wrk')
    await started.each(async (one) => {
      if (one.running.events.length === 0) return
      of(one).busy.push(await busyThroughput(target(one), one.running, seconds))
    })
  }
  tell('events, each request counted')
  await started.each(async (one) => {
    if (one.running.events.length > 0) of(one).sections.push(await eventSections(target(one), one.running))
  })
  tell('SIGKILL')
  await started.each(async (one) => {
    // Nobody replaces the one that is killed: for the rest of the round there would be one too few.
    if (one.running.events.length === 0) return
    of(one).kills.push(await killOne(target(one)))
    await untilWorkers(one.ground.dir, processes)
  })
}
