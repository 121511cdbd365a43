import type { ProcessInfo } from './infos.ts'
import type { Style, Terminal } from './output.ts'
import { type Column, formatTable } from './table.ts'
import { formatSeconds, formatSize, readSize } from './units.ts'
import type { PastExit, View, WatcherView } from './watcher-view.ts'

/** Watchers for people: what each is at. */
export function watcherTable({ watchers, now }: View, terminal: Terminal): string {
  return watchers.length === 0 ? 'no watchers' : formatTable(watchers, columnsAt(now), terminal)
}

/** The colour of a state: green works, yellow is on its way, red should not be so. */
export function stateStyle({ status, reason }: Pick<WatcherView, 'status' | 'reason'>): Style | undefined {
  if (status === 'active') return 'green'
  if (status === 'stopped') return reason ? 'red' : 'dim'
  return 'yellow'
}

/** How a process ended: `exit 1`, `SIGKILL`. */
export function endOf({ exit_code, signal }: PastExit): string {
  return signal ?? (exit_code === null ? 'ended' : `exit ${exit_code}`)
}

/** Why a watcher does not do what it is meant to; empty when it does, or when nothing is known. */
function troubleOf({ reason, pause, status }: WatcherView, now: number): string {
  const waits = pause && status !== 'stopped' ? `tries again in ${formatSeconds(pause.until - now)}` : ''
  return [reason, waits].filter(Boolean).join('; ')
}

function columnsAt(now: number): Column<WatcherView>[] {
  return [
    { title: 'WATCHER', text: ({ name }) => name },
    { title: 'STATE', text: ({ status }) => status, style: stateStyle },
    { title: 'ALIVE', text: alive, style: aliveStyle, right: true },
    { title: 'PID', text: pids, dispensable: 4 },
    { title: 'UPTIME', text: uptime, right: true, dispensable: 1 },
    {
      title: 'RESTARTS',
      text: ({ restarts }) => String(restarts ?? ''),
      style: ({ restarts }) => (restarts ? 'yellow' : undefined),
      right: true,
      dispensable: 7,
    },
    { title: 'CPU', text: ({ processes }) => percent(sum(processes, cpuOf)), right: true, dispensable: 5 },
    { title: 'MEMORY', text: ({ processes }) => size(sum(processes, memoryOf)), right: true, dispensable: 6 },
    {
      title: 'LAST EXIT',
      text: ({ exits = [] }) =>
        exits.slice(0, 1).map((exit) => `${endOf(exit)}, ${formatSeconds(now - exit.time)} ago`)[0] ?? '',
      style: ({ exits }) => (exits?.[0]?.expected === false ? 'red' : undefined),
      dispensable: 3,
    },
    { title: 'WHY', text: (watcher) => troubleOf(watcher, now), style: () => 'red', least: 40, dispensable: 2 },
  ]
}

function alive({ processes, numprocesses }: WatcherView): string {
  return numprocesses === undefined ? String(processes.length) : `${processes.length}/${numprocesses}`
}

function aliveStyle({ processes, numprocesses = processes.length, status }: WatcherView): Style | undefined {
  return status === 'active' && processes.length < numprocesses ? 'yellow' : undefined
}

function pids({ processes }: WatcherView): string {
  const [first, ...more] = processes.map((process) => fieldsOf(process).pid)
  return [first ?? '', ...(more.length > 0 ? [`+${more.length}`] : [])].join(' ')
}

function uptime({ processes }: WatcherView): string {
  const ages = processes.map((process) => Number(fieldsOf(process).age)).filter(Number.isFinite)
  return ages.length === 0 ? '' : formatSeconds(Math.max(...ages))
}

const fieldsOf = (process: ProcessInfo) => Object(process) as Readonly<Record<string, unknown>>
const cpuOf = (process: ProcessInfo) =>
  typeof fieldsOf(process).cpu === 'number' ? Number(fieldsOf(process).cpu) : undefined
const memoryOf = (process: ProcessInfo) => readSize(fieldsOf(process).mem_info1)

/** The sum of what is known; `undefined` when nothing is. */
function sum(
  processes: readonly ProcessInfo[],
  value: (process: ProcessInfo) => number | undefined,
): number | undefined {
  const known = processes.map(value).filter((number) => number !== undefined)
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0)
}

const percent = (value: number | undefined) => (value === undefined ? '' : `${value.toFixed(1)}%`)
const size = (bytes: number | undefined) => (bytes === undefined ? '' : formatSize(bytes))
