import { get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createGround } from './cleanup.ts'
import { machineFacts } from './machine.ts'
import { circusd } from './managers/circusd.ts'
import { prepareManagers } from './prepare.ts'
import { commandLine, cpuSeconds, memoryOf, withDescendants } from './proc.ts'
import { Daemon } from './reload/daemon.ts'
import { until } from './reload/workers.ts'
import { percentile } from './statistics.ts'
import type { Suite } from './suite.ts'
import { formatFigure, renderTable } from './table.ts'

const watchers = 50
/** Works for a moment each second, with other memory each time: what pages show changes all the time. Ends with its parent. */
const busy = `perl -e '$$p = getppid; while (getppid == $$p) { for (1 .. rand(20000)) {} $$x = "x" x rand(4e6); select(undef, undef, undef, 1) }'`
/** So often somebody asks the daemon for its processes meanwhile, in milliseconds. */
const askMs = 20
const usualSeconds = 20

type Way = 'in the daemon' | 'a process of its own'
type Looking = 'the overview' | 'a watcher each'

/** What open pages cost. */
interface Cost {
  readonly way: Way
  readonly pages: number
  readonly looking: Looking
  /** Percent of one processor. */
  readonly daemonCpu: number
  readonly pluginCpu: number | undefined
  readonly daemonRss: number
  readonly pluginRss: number | undefined
  /** Of one page. */
  readonly bytesPerSecond: number
  /** What `list` of a watcher took, in milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** What the web console takes, with no page open and with fifty. */
export const console_: Suite = {
  summary: 'what open pages of the web console take: processor time, and bytes per page and second',

  async run(options) {
    const { processes, loadSeconds = usualSeconds } = options
    using workshop = createGround()
    if (prepareManagers([circusd], options, workshop.dir).length === 0) return []
    const costs: Cost[] = []
    for (const way of ['in the daemon', 'a process of its own'] as const)
      for (const [pages, looking] of [
        [0, 'the overview'],
        [1, 'the overview'],
        [50, 'the overview'],
        [50, 'a watcher each'],
      ] as const) {
        process.stderr.write(`${way}: ${pages} pages, ${looking}\n`)
        costs.push(await measure(way, pages, looking, processes, loadSeconds))
      }
    console.log(`${processes} busy processes in ${watchers} watchers; ${machineFacts()}\n`)
    const rows = costs.map((cost) => [
      `${cost.way}, ${cost.pages === 0 ? 'no page' : `${cost.pages} × ${cost.looking}`}`,
      formatFigure(cost.daemonCpu),
      formatFigure(cost.pluginCpu),
      formatFigure(cost.daemonRss / 1e6),
      formatFigure(cost.pluginRss === undefined ? undefined : cost.pluginRss / 1e6),
      formatFigure(cost.pages === 0 ? undefined : cost.bytesPerSecond),
      formatFigure(cost.p50),
      formatFigure(cost.p99),
    ])
    console.log(
      renderTable([
        ['console', 'daemon CPU %', 'plugin CPU %', 'daemon MB', 'plugin MB', 'B/page/s', 'list p50 ms', 'p99 ms'],
        ...rows,
      ]),
    )
    return costs
  },
}

async function measure(way: Way, pages: number, looking: Looking, processes: number, seconds: number): Promise<Cost> {
  using ground = createGround()
  const path = `${ground.dir}/console`
  const each = Math.ceil(processes / watchers)
  const sections = Array.from(
    { length: watchers },
    (_, at) => `[watcher:w${at}]\ncmd = ${busy}\nnumprocesses = ${each}\n`,
  )
  const isolate = way === 'in the daemon' ? '' : '[plugin:httpd]\nisolate = true\n'
  const ini = `httpd = True\nhttpd_host = ${path}\nhttpd_auth = none\n${isolate}${sections.join('')}`
  await using daemon = await Daemon.start(ground, ini)
  const pid = daemon.child.pid!
  await until(() => withDescendants([pid]).length > each * watchers, 'the processes')
  const plugin = isolate === '' ? undefined : await pluginOf(pid)
  const open = Array.from(
    { length: pages },
    (_, at) => new Page(path, looking === 'the overview' ? '' : `?watcher=w${at % watchers}`),
  )
  await until(() => open.every((page) => page.bytes > 0), 'the pages')
  await delay(3_000)
  const used = () => [pid, plugin].map((each) => (each === undefined ? 0 : cpuSeconds([each])))
  const bytes = () => open.reduce((sum, page) => sum + page.bytes, 0)
  const [begun, [daemonBefore = 0, pluginBefore = 0], bytesBefore] = [performance.now(), used(), bytes()]
  const took: number[] = []
  while (performance.now() - begun < seconds * 1_000) {
    const asked = performance.now()
    await daemon.client.call('list', { name: 'w0' })
    took.push(performance.now() - asked)
    await delay(askMs)
  }
  const passed = (performance.now() - begun) / 1_000
  const [daemonAfter = 0, pluginAfter = 0] = used()
  const bytesPerSecond = (bytes() - bytesBefore) / passed / Math.max(pages, 1)
  for (const page of open) page.close()
  return {
    way,
    pages,
    looking,
    daemonCpu: (100 * (daemonAfter - daemonBefore)) / passed,
    pluginCpu: plugin === undefined ? undefined : (100 * (pluginAfter - pluginBefore)) / passed,
    daemonRss: memoryOf([pid]).rssBytes,
    pluginRss: plugin === undefined ? undefined : memoryOf([plugin]).rssBytes,
    bytesPerSecond,
    p50: percentile(took, 50)!,
    p99: percentile(took, 99)!,
  }
}

/** The process of the isolated plugin, once it is at work. */
async function pluginOf(daemon: number): Promise<number> {
  const find = () =>
    withDescendants([daemon]).find((pid) => commandLine(pid)?.join(' ').includes('circus-plugin httpd'))
  await until(() => find() !== undefined, 'the process of the plugin')
  return find()!
}

/** An open page, as far as the server can tell. */
class Page {
  bytes = 0
  readonly #request: ReturnType<typeof get>

  constructor(socketPath: string, query: string) {
    this.#request = get(
      { socketPath, path: `/api/live${query}`, agent: false, headers: { host: 'localhost' } },
      (response) => response.on('data', (data: Buffer) => (this.bytes += data.length)).on('error', () => {}),
    )
    this.#request.on('error', () => {})
  }

  close(): void {
    this.#request.destroy()
  }
}
