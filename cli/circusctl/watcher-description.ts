import { formatOptions } from './format.ts'
import type { Terminal } from './output.ts'
import { processTable } from './process-table.ts'
import { formatTable, printable } from './table.ts'
import { formatSeconds } from './units.ts'
import { endOf, stateStyle } from './watcher-table.ts'
import type { DescribedOption, PastExit, WatcherView } from './watcher-view.ts'

/** All that is known of one watcher, for people. */
export function describeWatcher(watcher: WatcherView, now: number, terminal: Terminal): string {
  const { name, processes, exits = [], options } = watcher
  const section = (title: string, body: string) => `${terminal.paint('bold', title)}\n${indent(body)}`
  const inner = { ...terminal, columns: terminal.columns - 2 }
  return [
    headOf(watcher, now, terminal),
    section(
      'Processes',
      processTable(
        processes.map((info) => ({ watcher: '', info })),
        inner,
      ),
    ),
    ...(exits.length > 0 ? [section('Last exits', exitTable(exits, now, inner))] : []),
    ...lastWords(exits).map(([title, lines]) => section(title, lines)),
    ...(options ? [section('Options', optionTable(options, inner))] : []),
  ]
    .join('\n\n')
    .replace(/^/, `${terminal.paint('bold', printable(name))}  `)
}

function headOf(watcher: WatcherView, now: number, terminal: Terminal): string {
  const { status, processes, numprocesses, reason, pause, started, restarts, renewal, priority } = watcher
  const style = stateStyle(watcher)
  const state = style ? terminal.paint(style, status) : status
  const wanted = numprocesses === undefined ? '' : ` of ${numprocesses}`
  const facts = {
    why: reason,
    pause:
      pause && `tries again in ${formatSeconds(pause.until - now)}, after ${formatSeconds(pause.seconds)} altogether`,
    started: started ? `${localTime(started)}, ${formatSeconds(now - started)} ago` : undefined,
    restarts: restarts === undefined ? undefined : String(restarts),
    renewed: renewal ? `${localTime(renewal.time)}, ${renewal.reason}` : undefined,
    priority: priority === undefined ? undefined : String(priority),
  }
  const lines = Object.entries(facts)
    .filter(([, fact]) => fact !== undefined && fact !== null)
    .map(([title, fact]) => `  ${title.padEnd(8)}  ${printable(String(fact))}`)
  const alive = `${processes.length}${wanted} ${processes.length === 1 && !wanted ? 'process' : 'processes'} alive`
  return [`${state}, ${alive}`, ...lines].join('\n')
}

/** What the process wrote last that failed last. */
function lastWords(exits: readonly PastExit[]): [title: string, lines: string][] {
  const failed = exits.find(({ expected }) => !expected)
  if (!failed?.lines?.length) return []
  return [[`Last lines of process ${failed.pid}`, failed.lines.map(printable).join('\n')]]
}

function exitTable(exits: readonly PastExit[], now: number, terminal: Terminal): string {
  return formatTable(
    exits,
    [
      { title: 'WHEN', text: ({ time }) => localTime(time) },
      { title: 'AGO', text: ({ time }) => formatSeconds(now - time), right: true, dispensable: 2 },
      { title: 'PID', text: ({ pid }) => String(pid), right: true },
      { title: 'LIVED', text: ({ age }) => formatSeconds(age), right: true, dispensable: 1 },
      { title: 'END', text: endOf, style: ({ expected }) => (expected ? undefined : 'red') },
      { title: '', text: ({ expected }) => (expected ? 'as asked' : 'unasked'), style: () => 'dim', dispensable: 3 },
    ],
    terminal,
  )
}

/** What was set comes first, defaults after it. */
function optionTable(options: Readonly<Record<string, DescribedOption>>, terminal: Terminal): string {
  const all = Object.entries(options)
  const rows = [...all.filter(([, { file }]) => file !== null), ...all.filter(([, { file }]) => file === null)]
  return formatTable(
    rows,
    [
      { title: 'OPTION', text: ([name]) => name, style: dimDefault },
      { title: 'VALUE', text: ([name, { value }]) => textOf(name, value), style: dimDefault, least: 12 },
      { title: 'SET IN', text: ([, option]) => placeOf(option), style: () => 'dim', dispensable: 1 },
    ],
    terminal,
  )
}

const dimDefault = ([, { file }]: [string, DescribedOption]) => (file === null ? 'dim' : undefined)

/** As `options` prints it. */
const textOf = (name: string, value: unknown) => formatOptions({ [name]: value }).slice(name.length + 2)

function placeOf({ file, line }: DescribedOption): string {
  if (file === null) return 'default'
  if (!line) return file === 'API' ? 'set while it ran' : file
  return `${file}:${line}`
}

function localTime(seconds: number): string {
  const date = new Date(seconds * 1_000)
  const parts = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ]
  const [year, month, day, ...time] = parts.map((part) => String(part).padStart(2, '0'))
  return `${year}-${month}-${day} ${time.join(':')}`
}

const indent = (text: string) => text.replace(/^/gm, '  ')
