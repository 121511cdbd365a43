import { childrenOf, type ProcessInfo } from './infos.ts'
import type { Terminal } from './output.ts'
import { type Column, formatTable } from './table.ts'
import { formatSeconds } from './units.ts'

/** A process in its watcher. */
export interface ProcessOf {
  readonly watcher: string
  readonly info: ProcessInfo
}

interface Row {
  /** Once, at the watcher's first process. */
  readonly watcher: string
  readonly depth: number
  readonly info: ProcessInfo
}

const shown = new Set(
  [
    'pid cmdline username nice mem_info1 mem_info2 cpu mem ctime create_time started age wid children',
    'rss fds threads read_bytes write_bytes tree restarts cpu_seconds',
  ].flatMap((names) => names.split(' ')),
)

/** Processes and their children for people. What a hook adds to the statistics has columns of its own. */
export function processTable(processes: readonly ProcessOf[], terminal: Terminal): string {
  if (processes.length === 0) return 'no processes'
  const rows = processes.flatMap(({ watcher, info }, at) => {
    const isFirst = processes[at - 1]?.watcher !== watcher
    return tree(info).map(({ depth, ...row }, line) => ({
      ...row,
      depth,
      watcher: isFirst && line === 0 ? watcher : '',
    }))
  })
  return formatTable<Row>(rows, [...columns, ...extraColumns(rows)], terminal)
}

function tree(info: ProcessInfo, depth = 0): Omit<Row, 'watcher'>[] {
  return [{ depth, info }, ...childrenOf(info).flatMap((child) => tree(child, depth + 1))]
}

const columns: Column<Row>[] = [
  { title: 'WATCHER', text: ({ watcher }) => watcher, style: () => 'bold' },
  { title: 'PID', text: ({ info, depth }) => `${'  '.repeat(depth)}${field(info, 'pid')}` },
  { title: 'UPTIME', text: ({ info }) => seconds(field(info, 'age')), right: true, dispensable: 1 },
  {
    title: 'CPU',
    text: ({ info }) => percent(info, 'cpu'),
    style: ({ info }) => heat(info),
    right: true,
    dispensable: 2,
  },
  { title: 'MEMORY', text: ({ info }) => field(info, 'mem_info1'), right: true, dispensable: 3 },
  { title: 'MEM%', text: ({ info }) => percent(info, 'mem'), right: true, dispensable: 7 },
  { title: 'VIRTUAL', text: ({ info }) => field(info, 'mem_info2'), right: true, dispensable: 8 },
  { title: 'TIME', text: ({ info }) => field(info, 'ctime'), right: true, dispensable: 5 },
  { title: 'FDS', text: ({ info }) => field(info, 'fds'), right: true, dispensable: 13 },
  { title: 'THREADS', text: ({ info }) => field(info, 'threads'), right: true, dispensable: 12 },
  { title: 'RESTARTS', text: ({ info }) => field(info, 'restarts'), right: true, dispensable: 11 },
  { title: 'NICE', text: ({ info }) => field(info, 'nice'), right: true, dispensable: 9 },
  { title: 'USER', text: ({ info }) => field(info, 'username'), dispensable: 6 },
  { title: 'COMMAND', text: ({ info }) => (typeof info === 'string' ? info : field(info, 'cmdline')), dispensable: 4 },
]

function extraColumns(rows: readonly Row[]): Column<Row>[] {
  const names = new Set(rows.flatMap(({ info }) => (typeof info === 'string' ? [] : Object.keys(info))))
  return [...names.difference(shown)].map((name) => ({
    title: name.toUpperCase(),
    text: ({ info }) => field(info, name),
    dispensable: 10,
  }))
}

function field(info: ProcessInfo, name: string): string {
  if (typeof info === 'string') return ''
  const value = info[name]
  return value === null || value === undefined || value === 'N/A'
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
}

function percent(info: ProcessInfo, name: string): string {
  const text = field(info, name)
  return text === '' ? '' : `${Number(text).toFixed(1)}%`
}

const seconds = (text: string) => (text === '' ? '' : formatSeconds(Number(text)))
const heat = (info: ProcessInfo) => (Number(field(info, 'cpu')) >= 80 ? 'yellow' : undefined)
