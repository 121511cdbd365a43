import type { ProcessReading, Snapshot, WatcherReading } from './board.ts'
import { type Figures, sumOf } from './figures.ts'
import type { SocketReading } from './message.ts'
import { type SortKey, sorted } from './sort.ts'

/** How the rows are wanted. */
export interface Arrangement {
  readonly sort: SortKey
  readonly reversed: boolean
  /** Only rows with this text in the watcher's name, the command, the user or the pid; any with ''. */
  readonly filter: string
  /** With the children of processes. */
  readonly tree: boolean
  /** The ids of rows whose rows below are not shown. */
  readonly folded: ReadonlySet<string>
}

/** The figures of a row, those of a watcher being totals. */
export type RowFigures = Partial<Omit<ProcessReading, 'pid' | 'children' | 'tree'>> & {
  readonly treeCpu?: number | undefined
  readonly treeBytes?: number | undefined
  readonly status?: string | undefined
  readonly reason?: string | undefined
  readonly minute?: readonly (number | undefined)[]
}

/** Whom an action on a row hits. */
export interface Target {
  readonly watcher: string
  readonly status?: string | undefined
  /** All processes of the watcher, once they are known. */
  readonly pids: readonly number[] | undefined
  /** The row's process, or the one above the row's child. */
  readonly pid?: number
  readonly childPid?: number
}

/** One line of the table. */
export interface Row {
  readonly id: string
  readonly kind: 'watcher' | 'process' | 'child' | 'helpers' | 'helper' | 'note' | 'gap' | 'sockets' | 'socket'
  /** How far it is below another. */
  readonly depth: number
  /** What stands first; of the heading of the sockets, what stands last. */
  readonly label: string
  readonly figures: RowFigures
  /** Whether there are rows below it, and whether they are shown; absent when it never has any. */
  readonly fold?: 'open' | 'closed'
  /** Absent where nothing can be done. */
  readonly target?: Target
  readonly socket?: SocketReading
}

/** Whether a row can be selected. */
export const isSelectable = ({ kind }: Row): boolean => kind !== 'gap' && kind !== 'note' && kind !== 'sockets'

/** What of a snapshot has a text in it. */
export interface Filtered extends Pick<Snapshot, 'helpers' | 'sockets'> {
  /** Each with those of its processes that have it, or all where its name has it. */
  readonly watchers: readonly { readonly watcher: WatcherReading; readonly shown: readonly ProcessReading[] }[]
}

/** What has a text in the watcher's name, the command, the user or the pid; everything with ''. */
export function filtered({ watchers, helpers, sockets }: Snapshot, filter: string): Filtered {
  return {
    watchers: watchers.flatMap((watcher) => {
      if (matches(filter, watcher.name)) return [{ watcher, shown: watcher.processes }]
      const shown = watcher.processes.filter((process) => matchesProcess(filter, process))
      return shown.length > 0 ? [{ watcher, shown }] : []
    }),
    helpers: helpers.filter((helper) => matchesProcess(filter, helper)),
    sockets: sockets.filter(({ name = '', address = '' }) => matches(filter, name) || matches(filter, address)),
  }
}

/** The rows that are to be shown, from top to bottom. */
export function rowsOf(snapshot: Snapshot, arrangement: Arrangement): Row[] {
  const { sort, reversed, filter } = arrangement
  const { watchers, helpers, sockets } = filtered(snapshot, filter)
  const described = watchers.map((each) => ({ ...each, figures: totalsOf(each.watcher) }))
  const ordered = sorted(
    described.map((item) => ({ ...item.figures, order: item.watcher.name, item })),
    sort,
    reversed,
  )
  return [
    ...ordered.flatMap(({ item }) => watcherRows(item, snapshot.isPartial === true, arrangement)),
    ...helperRows(helpers),
    ...socketRows(sockets),
  ]
}

/** What all processes of a watcher use together; the age is the oldest one's. */
export function totalsOf(watcher: WatcherReading): RowFigures {
  const { processes, status, reason, minute } = watcher
  const sum = (value: (process: ProcessReading) => number | undefined) => sumOf(processes.map(value))
  const ages = processes.map(({ age }) => age).filter((age) => age !== undefined)
  return {
    status,
    reason,
    minute,
    cpu: sum(({ cpu }) => cpu),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    memoryPercent: sum(({ memoryPercent }) => memoryPercent),
    virtualBytes: sum(({ virtualBytes }) => virtualBytes),
    fds: sum(({ fds }) => fds),
    threads: sum(({ threads }) => threads),
    readRate: sum(({ readRate }) => readRate),
    writeRate: sum(({ writeRate }) => writeRate),
    treeCpu: sum(({ tree }) => tree?.cpu),
    treeBytes: sum(({ tree }) => tree?.memoryBytes),
    restarts: watcher.restarts ?? sum(({ restarts }) => restarts),
    age: ages.length === 0 ? undefined : Math.max(...ages),
  }
}

function watcherRows(
  { watcher, shown, figures }: Filtered['watchers'][number] & { readonly figures: RowFigures },
  isPartial: boolean,
  arrangement: Arrangement,
): Row[] {
  const { name, status, processes, wanted, reason } = watcher
  const id = `watcher ${name}`
  const isShort = wanted !== undefined && wanted !== processes.length && status !== 'stopped'
  const count = isShort ? `${processes.length}/${wanted}` : processes.length
  const target: Target = { watcher: name, status, pids: isPartial ? undefined : processes.map(({ pid }) => pid) }
  const head: Row = {
    id,
    kind: 'watcher',
    depth: 0,
    label: isPartial ? name : `${name} (${count})`,
    figures,
    target,
    ...fold(id, arrangement),
  }
  if (arrangement.folded.has(id)) return [head]
  const why: Row = { id: `${id} why`, kind: 'note', depth: 1, label: String(reason), figures: {} }
  return [
    head,
    ...(reason === undefined ? [] : [why]),
    ...ordered(shown, arrangement).flatMap((process) => processRows(process, target, id, arrangement)),
  ]
}

function processRows(process: ProcessReading, watcher: Target, above: string, arrangement: Arrangement): Row[] {
  const id = `${above} ${process.pid}`
  const target = { ...watcher, pid: process.pid }
  const children = arrangement.tree ? process.children : []
  const row: Row = { id, kind: 'process', depth: 1, label: labelOf(process), figures: figuresOf(process), target }
  if (children.length === 0) return [row]
  const head = { ...row, ...fold(id, arrangement) }
  if (arrangement.folded.has(id)) return [head]
  return [head, ...ordered(children, arrangement).flatMap((child) => childRows(child, target, id, 2, arrangement))]
}

function childRows(child: Figures, above: Target, parent: string, depth: number, arrangement: Arrangement): Row[] {
  const id = `${parent} ${child.pid}`
  // The daemon signals children only, not theirs.
  const target = depth === 2 ? { target: { ...above, childPid: child.pid } } : {}
  const row: Row = { id, kind: 'child', depth, label: labelOf(child), figures: figuresOf(child), ...target }
  const rest = ordered(child.children, arrangement)
  return [row, ...rest.flatMap((below) => childRows(below, above, id, depth + 1, arrangement))]
}

function helperRows(helpers: readonly ProcessReading[]): Row[] {
  return helpers.map((helper) => ({
    id: `helper ${helper.pid}`,
    kind: 'helper',
    depth: 0,
    label: `${helper.role ?? 'circus'} ${helper.pid}`,
    figures: figuresOf(helper),
  }))
}

function socketRows(sockets: readonly SocketReading[]): Row[] {
  if (sockets.length === 0) return []
  const rows = sockets.map(
    (socket): Row => ({
      id: `socket ${socket.name ?? socket.fd ?? socket.address}`,
      kind: 'socket',
      depth: 0,
      label: socket.name ?? `fd ${socket.fd}`,
      figures: {},
      socket,
    }),
  )
  const users = sockets.some(({ watchers = [] }) => watchers.length > 0) ? 'WATCHERS' : ''
  return [
    { id: 'gap', kind: 'gap', depth: 0, label: '', figures: {} },
    { id: 'sockets', kind: 'sockets', depth: 0, label: users, figures: {} },
    ...rows,
  ]
}

function fold(id: string, { folded }: Arrangement): Pick<Row, 'fold'> {
  return { fold: folded.has(id) ? 'closed' : 'open' }
}

function ordered<Process extends Figures>(processes: readonly Process[], { sort, reversed }: Arrangement): Process[] {
  const items = processes.map((process) => ({ ...process, order: process.wid ?? process.pid, process }))
  return sorted(items, sort, reversed).map(({ process }) => process)
}

function figuresOf({ pid: _, children: __, tree, ...figures }: ProcessReading): RowFigures {
  return { ...figures, treeCpu: tree?.cpu, treeBytes: tree?.memoryBytes }
}

const labelOf = ({ pid, command }: Figures) => (command === undefined ? String(pid) : `${pid} ${command}`)

const matches = (filter: string, text: string) => text.toLowerCase().includes(filter.toLowerCase())

function matchesProcess(filter: string, process: Figures): boolean {
  const { pid, command = '', user = '', role = '', children } = process
  return (
    [String(pid), command, user, role].some((text) => matches(filter, text)) ||
    children.some((child) => matchesProcess(filter, child))
  )
}
