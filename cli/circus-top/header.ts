import { performance } from 'node:perf_hooks'
import type { Terminal } from '../circusctl/output.ts'
import { widthOf } from '../circusctl/table.ts'
import { formatSeconds, formatSize } from '../circusctl/units.ts'
import type { Snapshot } from './board.ts'
import type { Link, Source } from './feed.ts'
import { sumOf } from './figures.ts'
import { cell, fitting } from './text.ts'
import type { View } from './view.ts'

/** What the header is about. */
export interface Heading {
  readonly endpoint: string
  readonly snapshot: Snapshot
  readonly source: Source
  readonly link: Link
  readonly view: Pick<View, 'filter' | 'paused' | 'mode'>
}

const separator = '  ·  '

/** The lines above the table: which daemon it is and where the figures come from, a summary, and what one should know. */
export function drawHeader(heading: Heading, terminal: Terminal): string[] {
  const { columns } = terminal
  const right = ` ${stateOf(heading)}`
  const left = cell(`circus-top  ${heading.endpoint}`, Math.max(0, columns - widthOf(right)))
  const title = terminal.paint('bold', left) + terminal.paint(heading.link.id === 'lost' ? 'red' : 'dim', right)
  const summary = cell(fitting(summaryOf(heading.snapshot), columns, separator), columns).trimEnd()
  return [widthOf(right) < columns ? title : cell(right.trim(), columns), summary, ...notices(heading, terminal)]
}

function stateOf({ link, source, view }: Heading): string {
  if (link.id === 'lost') return `STALE for ${formatSeconds((performance.now() - link.since) / 1_000)}`
  const time = new Date().toTimeString().slice(0, 8)
  if (view.paused) return `PAUSED  ${time}`
  switch (source.id) {
    case 'waiting':
      return `waiting for figures  ${time}`
    case 'channel':
      return `every ${seconds(source.everySeconds)}  ${time}`
    case 'polling':
      return `asked every ${seconds(source.everySeconds)}  ${time}`
  }
}

/** Of seconds one does not want to see the tenths jump. */
const seconds = (value: number) => (value < 0.75 ? `${value.toFixed(1)}s` : `${Math.round(value)}s`)

/** The most important part first. */
function summaryOf({ isPartial = false, watchers, helpers }: Snapshot): string[] {
  const active = watchers.filter(({ status }) => status === 'active').length
  const processes = watchers.flatMap((watcher) => watcher.processes)
  const cpu = sumOf(processes.map((process) => process.cpu))
  const memory = sumOf(processes.map(({ memoryBytes }) => memoryBytes))
  const daemon = helpers.find(({ role }) => role === 'circusd')
  const isKnown = watchers.some(({ status }) => status !== undefined)
  return [
    isKnown ? `${active} of ${plural(watchers.length, 'watcher')} active` : plural(watchers.length, 'watcher'),
    ...(isPartial ? [] : [plural(processes.length, 'process', 'es')]),
    ...(cpu === undefined ? [] : [`CPU ${cpu.toFixed(1)}%`]),
    ...(memory === undefined ? [] : [`memory ${formatSize(memory)}`]),
    ...(daemon?.age === undefined ? [] : [`circusd ${daemon.pid} up ${formatSeconds(daemon.age)}`]),
  ]
}

const plural = (count: number, noun: string, ending = 's') => `${count} ${noun}${count === 1 ? '' : ending}`

/** What is wrong in short: of a long endpoint, the reason is what would be cut. */
function whyOld(error: Error & { readonly code?: string }): string {
  switch (error.code) {
    case 'ERR_UNREACHABLE':
      return 'the daemon is gone'
    case 'ERR_CALL_TIMEOUT':
      return 'the daemon does not answer'
    default:
      return error.message
  }
}

function notices({ link, source, view }: Heading, terminal: Terminal): string[] {
  const line = (style: Parameters<Terminal['paint']>[0], text: string) =>
    terminal.paint(style, cell(text, terminal.columns).trimEnd())
  const lines: string[] = []
  if (link.id === 'lost') lines.push(line('red', `${whyOld(link.error)}: these figures are old. It is looked for`))
  else if (source.id === 'polling') lines.push(line('yellow', source.why))
  if (view.filter !== '' && view.mode.id !== 'filter')
    lines.push(line('cyan', `only what contains "${view.filter}"; Esc shows all`))
  return lines
}
