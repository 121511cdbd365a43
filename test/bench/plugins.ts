import { createGround } from './cleanup.ts'
import { machineFacts } from './machine.ts'
import { circusd } from './managers/circusd.ts'
import { measureThroughput, type Throughput, type Way } from './plugins/throughput.ts'
import { prepareManagers } from './prepare.ts'
import type { Suite } from './suite.ts'
import { formatFigure, renderTable } from './table.ts'

/** No event of so many a second may be lost in the daemon. */
const promised = 20_000

/** Seconds, unless it is said. */
const usualSeconds = 5

/** What comes through plugins, and what they cost whom. */
export const plugins: Suite = {
  summary: 'events through plugins, in the daemon and beside it; what a slow one costs',

  async run(options) {
    const { loadSeconds = usualSeconds } = options
    using workshop = createGround()
    if (prepareManagers([circusd], options, workshop.dir).length === 0) return []
    const result: Throughput[] = []
    const measure = async (way: Way, count: number, asked: number) => {
      process.stderr.write(`${count} × ${wayNames[way]}, ${asked || 'as many as can be'}\n`)
      result.push(await measureThroughput(way, count, asked, loadSeconds))
    }
    for (const way of ['daemon', 'isolated'] as const) {
      for (const count of [1, 10]) {
        await measure(way, count, 0)
        await measure(way, count, promised)
      }
    }
    await measure('slow', 1, promised)
    print(result)
    return result
  },
}

const wayNames: Readonly<Record<Way, string>> = {
  daemon: 'in the daemon',
  isolated: 'isolated',
  slow: 'isolated, 5 ms for each event',
}

function print(result: readonly Throughput[]): void {
  console.log(`${machineFacts()}\n`)
  const rows = result.map(({ way, plugins, asked, perSecond, lostPercent, listP99Ms, daemonRss }) => [
    `${plugins} ${wayNames[way]}`,
    asked === 0 ? 'all it can' : formatFigure(asked),
    formatFigure(perSecond),
    formatFigure(lostPercent),
    formatFigure(listP99Ms),
    formatFigure(daemonRss / 1e6),
  ])
  const head = ['plugins', 'asked, events/s', 'published/s', 'lost %', 'list p99 ms', 'daemon RSS MB']
  console.log(`${renderTable([head, ...rows])}\n`)
  const of = (way: Way, count: number) =>
    result.find((each) => each.way === way && each.plugins === count && each.asked === promised)
  for (const count of [1, 10]) {
    const lost = of('daemon', count)
    if (lost) {
      const kept = lost.lostPercent === 0 && lost.perSecond > promised * 0.98
      const text = `20,000 a second to ${count} in the daemon, none lost: ${formatFigure(lost.perSecond)} published`
      console.log(`${kept ? 'holds ' : 'MISSED'}  ${text}, ${formatFigure(lost.lostPercent)} % lost`)
    }
  }
  const [slow, quick] = [of('slow', 1), of('isolated', 1)]
  if (slow && quick) {
    const isHeld = slow.perSecond > quick.perSecond * 0.98
    const text = `a slow isolated one does not slow the daemon: ${formatFigure(slow.perSecond)} published/s`
    console.log(`${isHeld ? 'holds ' : 'MISSED'}  ${text}, with a quick one ${formatFigure(quick.perSecond)}`)
  }
}
