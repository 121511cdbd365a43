import { createGround } from './cleanup.ts'
import { machineFacts } from './machine.ts'
import { managers } from './managers/index.ts'
import type { Manager } from './managers/manager.ts'
import { prepareManagers } from './prepare.ts'
import { median } from './statistics.ts'
import type { Suite } from './suite.ts'
import { formatFigure, renderTable } from './table.ts'
import { type FigureName, type Figures, runTrial } from './trial.ts'
import { judge } from './wanted.ts'

const columns: readonly (readonly [title: string, figure: FigureName])[] = [
  ['all alive s', 'allAliveSeconds'],
  ['RSS MB', 'rssMegabytes'],
  ['PSS MB', 'pssMegabytes'],
  ['successor p50 ms', 'successorP50Ms'],
  ['p99 ms', 'successorP99Ms'],
  ['storm s', 'stormSeconds'],
  ['status ms', 'statusMs'],
  ['idle CPU s', 'idleCpuSeconds'],
  ['stop s', 'stopSeconds'],
]
const fewProcesses = 100

/** Starts, deaths, memory and stop of many `sleep` processes, in this daemon, its peers, and the least that is possible. */
export const kernel: Suite = {
  summary: 'the daemon and its peers with many processes',

  async run(options) {
    using workshop = createGround()
    const facts = machineFacts()
    const ready = prepareManagers(managers, options, workshop.dir)
    const rounds = new Map<Manager, Figures[]>(ready.map((manager) => [manager, []]))
    const growth: number[] = []
    const anonymousGrowth: number[] = []

    for (let round = 1; round <= options.rounds; round++) {
      for (const manager of ready) {
        process.stderr.write(`round ${round} of ${options.rounds}: ${manager.name}\n`)
        const figures: Figures = {}
        rounds.get(manager)!.push(figures)
        await attempt(manager, figures, options.processes, options)
        if (manager.name !== 'circusd' || options.processes <= fewProcesses) continue
        const few: Figures = {}
        await attempt(manager, few, fewProcesses, { ...options, memoryOnly: true })
        growth.push(...kilobytesPerProcess('pssMegabytes', few, figures, options.processes))
        anonymousGrowth.push(...kilobytesPerProcess('anonymousMegabytes', few, figures, options.processes))
      }
    }

    const medians = new Map(ready.map((manager) => [manager.name, medianFigures(rounds.get(manager)!)]))
    const growthKilobytes = median(growth)
    console.log(`${options.processes} × sleep, median of ${options.rounds} interleaved rounds; ${facts}\n`)
    console.log(renderTable(figureRows(medians)))
    if (medians.has('limit')) console.log(`\nAs a multiple of the limit:\n\n${renderTable(ratioRows(medians))}`)
    if (growth.length > 0) {
      const range = `${fewProcesses} to ${options.processes}`
      const anonymous = formatFigure(median(anonymousGrowth))
      console.log(
        `\ncircusd: ${formatFigure(growthKilobytes)} KB PSS for each further process (${range}), anonymous ${anonymous}`,
      )
    }
    const verdicts = judge(medians, growthKilobytes)
    if (verdicts.length > 0) console.log(`\n${verdicts.join('\n')}`)

    const raw = Object.fromEntries(ready.map((manager) => [manager.name, rounds.get(manager)!]))
    return { facts, processes: options.processes, medians: Object.fromEntries(medians), growthKilobytes, rounds: raw }
  },
}

async function attempt(
  manager: Manager,
  figures: Figures,
  count: number,
  { idleSeconds, memoryOnly }: { idleSeconds: number; memoryOnly?: boolean },
): Promise<void> {
  try {
    await runTrial(manager, { count, idleSeconds, memoryOnly }, figures)
  } catch (error) {
    console.log(`${manager.name} failed: ${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  }
}

function kilobytesPerProcess(figure: FigureName, few: Figures, many: Figures, count: number): number[] {
  const [low, high] = [few[figure], many[figure]]
  return low === undefined || high === undefined ? [] : [((high - low) * 1000) / (count - fewProcesses)]
}

function medianFigures(rounds: readonly Figures[]): Figures {
  const names = columns.map(([, name]) => name)
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.map((round) => round[name]).filter((value) => value !== undefined))]),
  )
}

function figureRows(medians: ReadonlyMap<string, Figures>): string[][] {
  const body = [...medians].map(([name, figures]) => [
    name,
    ...columns.map(([, figure]) => formatFigure(figures[figure])),
  ])
  return [['', ...columns.map(([title]) => title)], ...body]
}

function ratioRows(medians: ReadonlyMap<string, Figures>): string[][] {
  const limit = medians.get('limit')!
  const compared = columns.filter(([, figure]) => (limit[figure] ?? 0) > 0)
  const body = [...medians]
    .filter(([name]) => name !== 'limit')
    .map(([name, figures]) => [
      name,
      ...compared.map(([, figure]) => formatFigure(quotient(figures[figure], limit[figure]))),
    ])
  return [['', ...compared.map(([title]) => title.replace(/ \S+$/, ''))], ...body]
}

function quotient(value: number | undefined, base: number | undefined): number | undefined {
  return value === undefined || base === undefined ? undefined : value / base
}
