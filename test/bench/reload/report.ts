import { median } from '../statistics.ts'
import { formatFigure, renderTable } from '../table.ts'
import type { DemandFigures } from './demand.ts'
import { type Failure, failures, type Section } from './load.ts'
import type { ManyFigures } from './many.ts'
import type { KillFigures } from './measure.ts'
import type { Throughput } from './wrk.ts'

/** What one subject gave with one kind of connections. */
interface KindFigures {
  readonly quiet: Throughput[]
  readonly busy: Throughput[]
  /** Of each round. */
  readonly sections: Section[][]
  readonly kills: KillFigures[]
}

/** What one subject gave. */
export type Figures = Readonly<Record<Kind, KindFigures>>
type Kind = 'keepAlive' | 'close'

const kinds: readonly (readonly [Kind, string])[] = [
  ['keepAlive', 'keep-alive'],
  ['close', 'one request per connection'],
]

/** To be filled. */
export function noFigures(): Figures {
  const none = (): KindFigures => ({ quiet: [], busy: [], sections: [], kills: [] })
  return { keepAlive: none(), close: none() }
}

/** Tables, and which promises hold. */
export function printFigures(
  figures: ReadonlyMap<string, Figures>,
  demand: readonly DemandFigures[] | undefined,
  many: ManyFigures | undefined,
): void {
  for (const [kind, title] of kinds) {
    console.log(`\n${title}\n`)
    console.log(renderTable(throughputRows(figures, kind)))
    for (const [name, { [kind]: own }] of figures) {
      if (own.sections.length > 0) console.log(`\n${renderTable(sectionRows(name, own))}`)
    }
  }
  if (demand) console.log(`\n${renderTable(demandRows(demand))}`)
  if (many) console.log(`\n${renderTable(manyRows(many))}`)
  const verdicts = judge(figures, many)
  if (verdicts.length > 0) console.log(`\n${verdicts.join('\n')}`)
}

function throughputRows(figures: ReadonlyMap<string, Figures>, kind: Kind): string[][] {
  const bare = figures.get('unmanaged')?.[kind].quiet
  const rows = [...figures].map(([name, { [kind]: own }]) => [
    name,
    formatFigure(median(own.quiet.map(rate))),
    formatShare(share(own.quiet, bare)),
    formatFigure(median(own.busy.map(rate))),
    own.busy.length + own.quiet.length === 0 ? '-' : String(sum([...own.quiet, ...own.busy], ({ failed }) => failed)),
  ])
  return [['wrk', 'nothing happens, /s', 'of unmanaged', 'events, /s', 'failed'], ...rows]
}

function sectionRows(name: string, { sections, kills }: KindFigures): string[][] {
  const row = (title: string, all: readonly Section[]) => [
    title,
    sum(all, ({ answered }) => answered).toLocaleString('en'),
    sum(all, failed).toLocaleString('en'),
    formatFigure(Math.max(...all.map(({ slowestMs }) => slowestMs))),
    reasons(all),
  ]
  const names = sections[0]!.slice(1).map((section) => section.name)
  const all = sections.flat()
  return [
    [name, 'answered', 'failed', 'slowest ms', 'how'],
    ...names.map((title) =>
      row(
        title,
        all.filter((section) => section.name === title),
      ),
    ),
    ...(kills.length === 0
      ? []
      : [
          row(
            `SIGKILL of one with ${sum(kills, ({ held }) => held)} connections`,
            kills.map(({ section }) => section),
          ),
        ]),
  ]
}

function demandRows(demand: readonly DemandFigures[]): string[][] {
  const rows = demand.map(({ program, onDemandMs, aloneMs }) => [
    program,
    formatFigure(onDemandMs),
    formatFigure(aloneMs),
    formatFigure(onDemandMs - aloneMs),
  ])
  return [['to the first byte, p50', 'on demand ms', 'started without a daemon ms', 'difference ms'], ...rows]
}

function manyRows({ sockets, watchers, startMs, reloadMs, stopMs, leaked }: ManyFigures): string[][] {
  return [
    ['', 'start ms', 'reload ms', 'stop ms', 'descriptors leaked'],
    [`${sockets} sockets × ${watchers} watchers`, ...[startMs, reloadMs, stopMs].map(formatFigure), String(leaked)],
  ]
}

function judge(figures: ReadonlyMap<string, Figures>, many: ManyFigures | undefined): string[] {
  const own = figures.get('circusd')
  if (!own) return []
  const lines: string[] = []
  // `undefined`: this run cannot tell.
  const verdict = (holds: boolean | undefined, text: string) =>
    lines.push(`${holds === undefined ? 'unsure' : holds ? 'holds ' : 'MISSED'}  ${text}`)
  for (const [kind, title] of kinds) {
    const { quiet, busy, sections, kills } = own[kind]
    const lost = sum([...quiet, ...busy], (each) => each.failed) + sum(sections.flat(), failed)
    if (sections.length > 0) verdict(lost === 0, `${title}: 0 failed requests: ${lost}`)
    const throughput = share(quiet, figures.get('unmanaged')?.[kind].quiet)
    if (throughput) {
      const { percent, uncertainty } = throughput
      const holds = percent >= 98 || (percent + uncertainty >= 98 ? undefined : false)
      verdict(holds, `${title}: throughput within 2 % of unmanaged: ${formatShare(throughput)}`)
    }
    const [died, held] = [sum(kills, ({ section }) => failed(section)), sum(kills, (each) => each.held)]
    const onlyItsOwn = kills.every((each) => failed(each.section) <= each.held)
    if (kills.length > 0) verdict(onlyItsOwn, `${title}: SIGKILL costs only what it had: ${died} of ${held}`)
  }
  if (many) verdict(many.leaked === 0, `no descriptor is leaked: ${many.leaked}`)
  return lines
}

function reasons(sections: readonly Section[]): string {
  const counts = (Object.keys(failures) as Failure[]).map((failure) => ({
    failure,
    count: sum(sections, (section) => section.failed[failure] ?? 0),
  }))
  const found = counts.filter(({ count }) => count > 0)
  return found.map(({ failure, count }) => `${count.toLocaleString('en')} ${failure}`).join(', ')
}

const failed = (section: Section): number => sum(Object.values(section.failed), (count) => count)

const rate = ({ requests, seconds }: Throughput): number => requests / seconds

/** A throughput in per cent of another one, and how far that may be off: 95 % of such figures are within it. */
interface Share {
  readonly percent: number
  readonly uncertainty: number
}

/** By pairs: the pieces of one pair were measured one right after the other. */
function share(loads: readonly Throughput[], bare: readonly Throughput[] = []): Share | undefined {
  if (loads.length === 0 || loads.length !== bare.length) return undefined
  const ratios = loads.map((load, at) => (100 * rate(load)) / rate(bare[at]!))
  const mean = sum(ratios, (ratio) => ratio) / ratios.length
  const variance = sum(ratios, (ratio) => (ratio - mean) ** 2) / Math.max(ratios.length - 1, 1)
  // The median of normally distributed figures varies by a quarter more than their mean.
  return { percent: median(ratios)!, uncertainty: 1.96 * 1.25 * Math.sqrt(variance / ratios.length) }
}

const formatShare = (value: Share | undefined): string =>
  value === undefined ? '-' : `${value.percent.toFixed(1)} % ± ${value.uncertainty.toFixed(1)}`

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0)
}
