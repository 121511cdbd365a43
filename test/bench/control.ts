import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CircusClient } from '../../core/index.ts'
import { createGround } from './cleanup.ts'
import { launch, tail, timeCommand } from './command.ts'
import { type Latencies, latencies } from './control/asker.ts'
import type { ClientJob } from './control/client.ts'
import { pm2Ask, supervisorAsk } from './control/peers.ts'
import { machineFacts } from './machine.ts'
import { circusd } from './managers/circusd.ts'
import type { Command, Manager } from './managers/manager.ts'
import { pm2, pm2Home } from './managers/pm2.ts'
import { supervisor } from './managers/supervisor.ts'
import { prepareManagers } from './prepare.ts'
import { Sleepers } from './sleepers.ts'
import { median } from './statistics.ts'
import type { Suite, SuiteOptions } from './suite.ts'
import { formatFigure, renderTable } from './table.ts'

const questions = [
  { command: 'list', properties: {} },
  { command: 'status', properties: {} },
  { command: 'list', properties: { name: 'sleep' } },
  { command: 'options', properties: { name: 'sleep' } },
]
const inRow = 1_000
const clientsAtOnce = 20
const restarted = 200
/** Of peers, whose answers take longer. */
const peerCalls = 50
/** Whole runs of the command line tools, in turn. */
const toolRuns = 20

/** What one manager gave. */
interface Figures {
  /** In the order of `questions`. */
  alone?: readonly Latencies[]
  busy?: readonly Latencies[]
  statusPerSecond?: number
  /** All processes with their pids, by the API that its own tool uses. */
  processes?: Latencies
  toolMs?: number
}

/** What clients of a daemon wait for: answers over one connection, among many, and the whole command line tool. */
export const control: Suite = {
  summary: 'answers of the daemon and its peers, and their command line tools',

  async run(options) {
    using workshop = createGround()
    const facts = machineFacts()
    const ready = prepareManagers([circusd, supervisor, pm2], options, workshop.dir)
    const rounds = new Map<string, Figures[]>(ready.map(({ name }) => [name, []]))
    const bare: number[] = []
    for (let round = 1; round <= options.rounds; round++) {
      for (const manager of ready) {
        process.stderr.write(`round ${round} of ${options.rounds}: ${manager.name}\n`)
        const figures: Figures = {}
        rounds.get(manager.name)!.push(figures)
        await measure(manager, options, bare, figures).catch((error: Error) => {
          console.log(`${error.message}\n`)
          process.exitCode = 1
        })
      }
    }
    const own = rounds.get('circusd') ?? []
    console.log(`${options.processes} × sleep, median of ${options.rounds} rounds; ${facts}\n`)
    if (own.length > 0) console.log(`${renderTable(answerRows(own))}\n`)
    console.log(renderTable(peerRows(rounds, median(bare)!)))
    if (own.length > 0) console.log(`\n${verdicts(own, median(bare)!).join('\n')}`)
    return { facts, processes: options.processes, bareNodeMs: bare, rounds: Object.fromEntries(rounds) }
  },
}

/** `figures` is filled as it goes, so that what was measured before a failure is not lost. */
async function measure(manager: Manager, { processes }: SuiteOptions, bare: number[], figures: Figures): Promise<void> {
  using ground = createGround()
  const { dir, seconds } = ground
  const setup = manager.configure({ dir, seconds, count: processes })
  if (manager === circusd) {
    const more = `\n[watcher:others]\ncmd = sleep ${seconds}\nnumprocesses = ${restarted}\nautostart = false\n`
    appendFileSync(join(dir, 'circus.ini'), more)
  }
  using sleepers = new Sleepers(seconds)
  const child = launch(setup.start, dir, 'start')
  try {
    await sleepers.until(processes)
    await delay(2_000)
    figures.toolMs = await toolTimes(manager === pm2 ? asJson(setup.status!) : setup.status!, dir, bare)
    Object.assign(figures, manager === circusd ? await ownFigures(dir) : await peerFigures(manager, dir))
  } catch (error) {
    throw new Error(`${manager.name}: ${error}\n${tail(dir, 'start')}`, { cause: error })
  } finally {
    if (typeof setup.stop === 'string') child.kill(setup.stop)
    else launch(setup.stop, dir, 'stop')
    await sleepers.untilGone().catch(() => {})
  }
}

async function ownFigures(dir: string): Promise<Figures> {
  const endpoint = `ipc://${dir}/control`
  const alone = await ask(endpoint, { requests: questions, clients: 1, window: 1, count: inRow })
  const flood = { requests: [{ command: 'status', properties: {} }], clients: 4, window: 8, count: inRow }
  const [{ perSecond: statusPerSecond } = { perSecond: 0 }] = await ask(endpoint, flood)

  await using client = new CircusClient({ endpoint, timeoutMs: 60_000 })
  await client.call('start', { name: 'others', waiting: true })
  let under = true
  const restarts = (async () => {
    while (under) await client.call('restart', { name: 'others', waiting: true })
  })()
  const busy = await ask(endpoint, { requests: questions, clients: clientsAtOnce, window: 1, count: inRow })
  under = false
  await restarts
  await client.call('stop', { name: 'others', waiting: true })
  return { alone, busy, statusPerSecond, processes: alone[2]! }
}

/** Have a process of its own ask. */
async function ask(endpoint: string, job: ClientJob): Promise<Latencies[]> {
  const program = join(import.meta.dirname, 'control/client.ts')
  const child = spawn(process.execPath, [program, endpoint, JSON.stringify(job)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (data) => {
    output += data
    if (output === 'ready\n') child.stdin.write('\n')
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the client ended with ${code}`)
  return JSON.parse(output.slice('ready\n'.length))
}

async function peerFigures(manager: Manager, dir: string): Promise<Figures> {
  const { ask, close } = manager === pm2 ? pm2Ask(pm2Home(), dir) : supervisorAsk(dir)
  await latencies([ask], 5)
  const processes = await latencies([ask], peerCalls)
  close()
  return { processes }
}

/** The command line tool from start to end, in turn with a Node that does nothing. */
async function toolTimes(status: Command, dir: string, bare: number[]): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < toolRuns; run++) {
    bare.push(await timeCommand({ argv: [process.execPath, '-e', '0'] }, dir, 'bare'))
    times.push(await timeCommand(status, dir, 'status'))
  }
  return median(times)!
}

const asJson = ({ argv, env }: Command): Command => ({ argv: [argv[0], argv[1]!, 'jlist'], env })

function answerRows(rounds: readonly Figures[]): string[][] {
  const figure = (get: (figures: Figures) => number | undefined) =>
    formatFigure(median(rounds.map(get).filter((value) => value !== undefined)))
  const rows = questions.map(({ command, properties }, at) => [
    [command, ...Object.values(properties)].join(' '),
    figure(({ alone }) => alone?.[at]?.p50),
    figure(({ alone }) => alone?.[at]?.p99),
    figure(({ busy }) => busy?.[at]?.p50),
    figure(({ busy }) => busy?.[at]?.p99),
  ])
  return [['circusd', 'p50 ms', 'p99 ms', `${clientsAtOnce} clients p50 ms`, 'p99 ms'], ...rows]
}

function peerRows(rounds: ReadonlyMap<string, Figures[]>, bareMs: number): string[][] {
  const rows = [...rounds].map(([name, all]) => {
    const figure = (get: (figures: Figures) => number | undefined) =>
      median(all.map(get).filter((value) => value !== undefined))
    const toolMs = figure((figures) => figures.toolMs)
    return [
      name,
      formatFigure(figure(({ processes }) => processes?.p50)),
      formatFigure(figure(({ processes }) => processes?.p99)),
      formatFigure(toolMs),
      formatFigure(toolMs && toolMs / bareMs),
    ]
  })
  return [
    ['', 'all processes p50 ms', 'p99 ms', 'whole tool ms', '× node -e 0'],
    ...rows,
    ['node -e 0', '-', '-', formatFigure(bareMs), '1'],
  ]
}

function verdicts(rounds: readonly Figures[], bareMs: number): string[] {
  const worst = (get: (figures: Figures) => number | undefined) => median(rounds.map((figures) => get(figures) ?? 0))!
  const line = (text: string, value: number, holds: boolean) =>
    `${holds ? 'holds ' : 'MISSED'}  ${text}: ${formatFigure(value)}`
  const p50 = worst(({ alone }) => Math.max(...[0, 1, 3].map((at) => alone?.[at]?.p50 ?? 0)))
  const listP50 = worst(({ alone }) => alone?.[2]?.p50)
  const p99 = worst(({ alone }) => Math.max(...(alone ?? []).map((each) => each.p99)))
  const busyP99 = worst(({ busy }) => Math.max(...(busy ?? []).map((each) => each.p99)))
  const perSecond = worst(({ statusPerSecond }) => statusPerSecond)
  const tool = worst(({ toolMs }) => toolMs) / bareMs
  return [
    line('list NAME below 1 ms p50', listP50, listP50 < 1),
    line('the others no slower than 0.5 ms p50', p50, p50 <= 0.5),
    line('p99 under 10 ms, one connection', p99, p99 < 10),
    line(`p99 under 10 ms, ${clientsAtOnce} clients while ${restarted} processes are restarted`, busyP99, busyP99 < 10),
    line('at least 5,000 status requests a second', perSecond, perSecond >= 5_000),
    line('circusctl status at most 4 × node -e 0', tool, tool <= 4),
  ]
}
