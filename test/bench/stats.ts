import { createGround } from './cleanup.ts'
import { machineFacts } from './machine.ts'
import { circusd } from './managers/circusd.ts'
import { pm2 } from './managers/pm2.ts'
import { prepareManagers } from './prepare.ts'
import { median } from './statistics.ts'
import { type Comparison, measureAccuracy } from './stats/accuracy.ts'
import { measureAnswers } from './stats/answers.ts'
import type { AnswerFigures } from './stats/asker.ts'
import { type Cost, measureCost, type Way } from './stats/cost.ts'
import { measurePm2, type Pm2Figures } from './stats/pm2.ts'
import type { Suite, SuiteOptions } from './suite.ts'
import { formatFigure, renderTable } from './table.ts'

/** How often the stats of all are asked for in a round. */
const answersPerRound = 50
/** Of PM2, whose answers take longer. */
const peerAnswers = 10
/** A look every minute is in there once. */
const unheardSeconds = 61
/** How long a cost is measured, unless it is said. */
const usualSeconds = 20

/** What it takes to look at processes: answers, and figures every second; and whether they are right. */
export const stats: Suite = {
  summary: 'what it takes to look at processes, in the daemon and beside it, and whether that is right',

  async run(options) {
    using workshop = createGround()
    const facts = machineFacts()
    const ready = prepareManagers([circusd, pm2], options, workshop.dir)
    const result: Result = { facts, processes: options.processes, answers: [], costs: [], accuracy: [] }
    if (ready.includes(circusd)) await attempt(() => measureOwn(options, result))
    if (ready.includes(pm2)) {
      process.stderr.write(`PM2 with ${options.processes}\n`)
      await attempt(async () => {
        result.pm2 = await measurePm2(options.processes, options.loadSeconds ?? usualSeconds, peerAnswers)
      })
    }
    print(result)
    return result
  },
}

interface Result {
  readonly facts: string
  readonly processes: number
  readonly answers: AnswerFigures[]
  readonly costs: Cost[]
  accuracy: Comparison[]
  pm2?: Pm2Figures
}

/** What fails is told, and the rest goes on. */
async function attempt(measure: () => Promise<void>): Promise<void> {
  await measure().catch((error: Error) => {
    console.log(`${error.message}\n`)
    process.exitCode = 1
  })
}

/** `result` is filled as it goes, so that what was measured before a failure is not lost. */
async function measureOwn(options: SuiteOptions, result: Result) {
  const { rounds, processes, idleSeconds, loadSeconds = usualSeconds } = options
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`answers, round ${round} of ${rounds}\n`)
    result.answers.push(await measureAnswers(processes, answersPerRound))
  }
  for (const count of sizes(processes)) {
    for (const way of ['off', 'daemon', 'isolated'] as const) {
      process.stderr.write(`${count} processes, ${way}\n`)
      const seconds = way === 'off' ? 1 : count === processes ? loadSeconds : Math.ceil(loadSeconds / 2)
      result.costs.push(await measureCost(way, count, seconds))
    }
  }
  process.stderr.write(`${processes} processes, and nobody listens\n`)
  result.costs.push(await measureCost('unheard', processes, unheardSeconds))
  process.stderr.write('what is told beside what the kernel says\n')
  result.accuracy = await measureAccuracy(idleSeconds * 2)
}

/** A fifth, as many as were asked for, and four times as many. */
const sizes = (processes: number): number[] => [Math.ceil(processes / 5), processes, processes * 4]

const wayNames: Readonly<Record<Way, string>> = {
  off: 'no stats',
  unheard: 'nobody listens',
  daemon: 'in the daemon',
  isolated: 'a process of its own',
}

function print({ facts, processes, answers, costs, accuracy, pm2 }: Result): void {
  console.log(`${processes} × sleep; ${facts}\n`)
  const middle = (get: (figures: AnswerFigures) => number) => median(answers.map(get))
  const row = (name: string, p50?: number, p99?: number, worst?: number) => [
    name,
    ...[p50, p99, worst].map(formatFigure),
  ]
  if (answers.length > 0 || pm2) {
    const rows = [
      ['answers', 'p50 ms', 'p99 ms', 'worst ms'],
      row(
        'stats',
        middle(({ stats }) => stats.p50),
        middle(({ stats }) => stats.p99),
        middle(({ stats }) => stats.worst),
      ),
      row(
        'list meanwhile',
        middle(({ list }) => list.p50),
        middle(({ list }) => list.p99),
        middle(({ list }) => list.worst),
      ),
      ...(pm2 ? [row('PM2, the same as stats', pm2.answers.p50, pm2.answers.p99)] : []),
    ]
    console.log(`${renderTable(rows)}\n`)
  }
  const megabytes = (bytes: number | undefined) => formatFigure(bytes === undefined ? undefined : bytes / 1e6)
  const costRows = costs.map((cost) => [
    `${cost.processes}, ${wayNames[cost.way]}`,
    cost.way === 'off' ? '-' : formatFigure(cost.cpuSecondsPerMinute),
    cost.way === 'off' ? '-' : formatFigure(cost.cpuSecondsPerMinute / 0.6),
    megabytes(cost.daemonRss),
    cost.way === 'off' ? '-' : megabytes(added(cost, costs)),
    megabytes(cost.pluginRss),
    megabytes(cost.pluginPss),
    formatFigure(cost.heard || undefined),
  ])
  const pm2Rows = pm2
    ? [
        [
          `${processes}, PM2 asked every second`,
          formatFigure(pm2.cpuSecondsPerMinute),
          formatFigure(pm2.cpuSecondsPerMinute / 0.6),
          megabytes(pm2.rss),
          megabytes(pm2.rss - pm2.idleRss),
          '-',
          '-',
          '-',
        ],
      ]
    : []
  const head = [
    'a look every second',
    'CPU s/min',
    '% of a core',
    'daemon RSS MB',
    'more than without',
    'plugin RSS MB',
    'plugin PSS MB',
    'messages/s',
  ]
  if (costRows.length + pm2Rows.length > 0) console.log(`${renderTable([head, ...costRows, ...pm2Rows])}\n`)
  if (accuracy.length > 0) console.log(`${renderTable(accuracyRows(accuracy))}\n`)
  console.log(verdicts(processes, middle, costs, accuracy).join('\n'))
}

/** What the daemon needs more than one of as many processes without stats. */
function added(cost: Cost, costs: readonly Cost[]): number | undefined {
  const without = costs.find(({ way, processes }) => way === 'off' && processes === cost.processes)
  return without && cost.daemonRss - without.daemonRss
}

function accuracyRows(accuracy: readonly Comparison[]): string[][] {
  const rows = accuracy.map((each) => [
    each.load,
    each.toldCpu.toFixed(2),
    each.kernelCpu.toFixed(2),
    (each.toldRss / 1e6).toFixed(3),
    (each.kernelRss / 1e6).toFixed(3),
    `${each.equal} of ${each.messages}`,
    String(each.threads),
  ])
  return [['told and true', 'CPU %', 'kernel', 'RSS MB', 'kernel', 'RSS equal', 'threads'], ...rows]
}

function verdicts(
  processes: number,
  middle: (get: (figures: AnswerFigures) => number) => number | undefined,
  costs: readonly Cost[],
  accuracy: readonly Comparison[],
): string[] {
  const line = (text: string, value: number | undefined, most: number) =>
    value === undefined ? [] : [`${value <= most ? 'holds ' : 'MISSED'}  ${text}: ${formatFigure(value)}`]
  const of = (way: Way, count: number) => costs.find((cost) => cost.way === way && cost.processes === count)
  const percent = (cost: Cost | undefined) => cost && cost.cpuSecondsPerMinute / 0.6
  const [few, , many] = sizes(processes)
  const perProcess = (way: Way, count: number) => {
    const cost = of(way, count)
    return cost && cost.cpuSecondsPerMinute / count
  }
  const growth = (way: Way) => {
    const [small, large] = [perProcess(way, few!), perProcess(way, many!)]
    return small && large && large / small
  }
  const [own, isolated] = [of('daemon', processes), of('isolated', processes)]
  return [
    ...line(
      'stats of all p50 under 50 ms',
      middle(({ stats }) => stats.p50),
      50,
    ),
    ...line(
      'stats of all p99 under 50 ms',
      middle(({ stats }) => stats.p99),
      50,
    ),
    ...line(
      'list meanwhile p99 under 5 ms',
      middle(({ list }) => list.p99),
      5,
    ),
    ...line('at most 4 % of a core, in the daemon', percent(own), 4),
    ...line('at most 4 % of a core, with a process of its own', percent(isolated), 4),
    ...line('at most 25 MB more, in the daemon', own && (added(own, costs) ?? Number.NaN) / 1e6, 25),
    ...line('a process of its own of at most 25 MB (RSS)', isolated?.pluginRss && isolated.pluginRss / 1e6, 25),
    ...line('per process no more with many than with few, in the daemon (ratio)', growth('daemon'), 1.2),
    ...line('the same with a process of its own (ratio)', growth('isolated'), 1.2),
    ...line('nobody listens: CPU seconds a minute', of('unheard', processes)?.cpuSecondsPerMinute, 0.1),
    ...line(
      'CPU within 2 points of the kernel',
      accuracy.length > 0
        ? Math.max(...accuracy.map(({ toldCpu, kernelCpu }) => Math.abs(toldCpu - kernelCpu)))
        : undefined,
      2,
    ),
    ...line(
      'messages whose RSS the kernel contradicts, of 100',
      accuracy.length > 0
        ? Math.max(...accuracy.map(({ equal, messages }) => 100 * (1 - equal / messages)))
        : undefined,
      5,
    ),
  ]
}
