import type { Action } from './actions.ts'
import { actionOn, signalTo } from './actions.ts'
import type { Snapshot } from './board.ts'
import { type Arrangement, isSelectable, type Row, rowsOf } from './rows.ts'
import { type SortKey, sortKeyAfter } from './sort.ts'

/** What the keys mean now. */
export type Mode =
  | { readonly id: 'table' }
  /** The text of the filter is typed; `before` is what it was. */
  | { readonly id: 'filter'; readonly before: string }
  /** The name of a signal to a row is typed. */
  | { readonly id: 'signal'; readonly row: Row; readonly text: string }
  | { readonly id: 'confirm'; readonly action: Action }
  | { readonly id: 'help'; readonly top: number }
  /** The last lines that the processes of a row wrote. */
  | { readonly id: 'output'; readonly row: Row }

/** A word to the user; it goes with the next key. */
export interface Message {
  readonly kind: 'done' | 'failed' | 'busy'
  readonly text: string
}

/** How the user looks at it. */
export interface View extends Arrangement {
  readonly mode: Mode
  /** The id of a row. */
  readonly selected?: string | undefined
  /** Where it was, should its row be gone. */
  readonly at: number
  readonly paused: boolean
  readonly message?: Message | undefined
}

/** What a key has done beside changing the view. */
export type Effect =
  | { readonly id: 'leave' }
  | { readonly id: 'suspend' }
  | { readonly id: 'redraw' }
  | { readonly id: 'act'; readonly action: Action }

/** What a key meets. */
export interface Surroundings {
  readonly rows: readonly Row[]
  readonly snapshot: Snapshot
  /** How many rows the screen has. */
  readonly page: number
  /** Why nothing can be done now, if so. */
  readonly refusal?: string | undefined
}

/** What of a view can be asked for. */
export type Beginning = Pick<Arrangement, 'sort' | 'filter'>

/** The view at the beginning. */
export function initialView({ sort, filter }: Beginning): View {
  return {
    mode: { id: 'table' },
    sort,
    reversed: false,
    filter,
    tree: false,
    folded: new Set(),
    at: 0,
    paused: false,
  }
}

type Pressed = View | { readonly view: View; readonly effect: Effect }

/** Press a key: a sign, or one of the names that `keys.ts` gives to others. */
export function press(view: View, key: string, around: Surroundings): { view: View; effect?: Effect } {
  if (key === 'ctrl-c') return { view, effect: { id: 'leave' } }
  if (key === 'ctrl-l') return { view, effect: { id: 'redraw' } }
  if (key === 'ctrl-z') return { view, effect: { id: 'suspend' } }
  const quiet = view.message?.kind === 'busy' ? view : { ...view, message: undefined }
  const pressed = pressIn(quiet, key, around)
  return 'effect' in pressed ? pressed : { view: pressed }
}

function pressIn(view: View, key: string, around: Surroundings): Pressed {
  const { mode } = view
  switch (mode.id) {
    case 'table':
      return pressInTable(view, key, around)
    case 'filter':
      if (key === 'enter') return inTable(view)
      if (key === 'escape') return inTable({ ...view, filter: mode.before })
      return { ...view, filter: typed(view.filter, key) }
    case 'signal':
      if (key === 'escape') return inTable(view)
      if (key === 'enter') return ask(view, signalTo(mode.row, mode.text.trim() || 'TERM'), around)
      return { ...view, mode: { ...mode, text: typed(mode.text, key.length === 1 ? key.toUpperCase() : key) } }
    case 'confirm':
      if (key !== 'y' && key !== 'Y') return inTable(tell(view, 'done', 'nothing was done'))
      return { view: inTable(view), effect: { id: 'act', action: mode.action } }
    case 'help':
      if (key === 'down') return { ...view, mode: { ...mode, top: mode.top + 1 } }
      if (key === 'up') return { ...view, mode: { ...mode, top: Math.max(0, mode.top - 1) } }
      if (key === 'pagedown' || key === ' ') return { ...view, mode: { ...mode, top: mode.top + around.page } }
      if (key === 'pageup') return { ...view, mode: { ...mode, top: Math.max(0, mode.top - around.page) } }
      return inTable(view)
    case 'output':
      return ['escape', 'q', 'o', 'enter'].includes(key) ? inTable(view) : view
  }
}

function pressInTable(view: View, key: string, around: Surroundings): Pressed {
  const row = selectedRow(view, around.rows)
  switch (key) {
    case 'q':
      return { view, effect: { id: 'leave' } }
    case '?':
    case 'h':
      return { ...view, mode: { id: 'help', top: 0 } }
    case '/':
      return { ...view, mode: { id: 'filter', before: view.filter } }
    case 'escape':
      return { ...view, filter: '' }
    case 'up':
      return move(view, around.rows, -1)
    case 'down':
      return move(view, around.rows, 1)
    case 'pageup':
      return move(view, around.rows, -around.page)
    case 'pagedown':
      return move(view, around.rows, around.page)
    case 'home':
    case 'g':
      return move(view, around.rows, Number.NEGATIVE_INFINITY)
    case 'end':
    case 'G':
      return move(view, around.rows, Number.POSITIVE_INFINITY)
    case 'left':
      return row?.fold === 'open' ? fold(view, row.id) : selectAbove(view, row, around.rows)
    case 'right':
      return row?.fold === 'closed' ? fold(view, row.id) : view
    case 'enter':
    case ' ':
      return row?.fold === undefined ? view : fold(view, row.id)
    case 'a':
      return foldAll(view, row, around)
    case 't':
      return { ...view, tree: !view.tree }
    case 'p':
      return { ...view, paused: !view.paused }
    case '<':
      return { ...view, sort: sortKeyAfter(view.sort, -1) }
    case '>':
      return { ...view, sort: sortKeyAfter(view.sort, 1) }
    case 'i':
      return { ...view, reversed: !view.reversed }
    case 'o':
      return row?.target ? { ...view, mode: { id: 'output', row } } : tell(view, 'failed', 'no watcher is selected')
    case 'k': {
      const refusal = signalTo(row, 'TERM')
      if (typeof refusal === 'string') return tell(view, 'failed', refusal)
      return { ...view, mode: { id: 'signal', row: row!, text: '' } }
    }
  }
  const sort = sortKeyOf[key]
  if (sort !== undefined) return { ...view, sort, reversed: view.sort === sort && !view.reversed }
  const action = actionOf[key]
  return action === undefined ? view : ask(view, actionOn(row, action), around)
}

const sortKeyOf: Readonly<Record<string, SortKey | undefined>> = {
  N: 'name',
  C: 'cpu',
  M: 'memory',
  A: 'age',
  R: 'restarts',
  F: 'fds',
  T: 'threads',
}

const actionOf: Readonly<Record<string, Parameters<typeof actionOn>[1] | undefined>> = {
  s: 'start',
  x: 'stop',
  r: 'restart',
  l: 'reload',
  '+': 'incr',
  '=': 'incr', // the same key without shift
  '-': 'decr',
}

/** The row that is selected: another in its place when it is gone. */
export function selectedRow({ selected, at }: View, rows: readonly Row[]): Row | undefined {
  const found = rows.find(({ id }) => id === selected)
  if (found) return found
  const place = Math.max(0, Math.min(at, rows.length - 1))
  return rows.slice(place).find(isSelectable) ?? rows.slice(0, place).findLast(isSelectable)
}

function move(view: View, rows: readonly Row[], steps: number): View {
  const selectable = rows.filter(isSelectable)
  const row = selectedRow(view, rows)
  const from = row === undefined ? 0 : selectable.indexOf(row)
  const to = selectable[Math.max(0, Math.min(selectable.length - 1, from + steps))]
  return to === undefined ? view : { ...view, selected: to.id, at: rows.indexOf(to) }
}

function selectAbove(view: View, row: Row | undefined, rows: readonly Row[]): View {
  if (!row || row.depth === 0) return view
  const at = rows.slice(0, rows.indexOf(row)).findLastIndex(({ depth }) => depth < row.depth)
  return at < 0 ? view : { ...view, selected: rows[at]!.id, at }
}

function fold(view: View, id: string): View {
  const folded = new Set(view.folded)
  if (!folded.delete(id)) folded.add(id)
  return { ...view, folded, selected: id }
}

/** Close all watchers; open all when all are closed. */
function foldAll(view: View, row: Row | undefined, { rows, snapshot }: Surroundings): View {
  const all = rowsOf({ ...snapshot, helpers: [], sockets: [] }, { ...view, filter: '', folded: new Set() })
  const ids = all.filter(({ kind }) => kind === 'watcher').map(({ id }) => id)
  const folded = new Set(ids.every((id) => view.folded.has(id)) ? [] : ids)
  // What is selected goes into its watcher.
  const above = row && rows.slice(0, rows.indexOf(row) + 1).findLast(({ depth }) => depth === 0)
  return { ...view, folded, selected: above?.id ?? view.selected }
}

function ask(view: View, action: Action | string, { refusal }: Surroundings): View {
  if (typeof action === 'string') return inTable(tell(view, 'failed', action))
  if (refusal !== undefined) return inTable(tell(view, 'failed', refusal))
  return { ...view, mode: { id: 'confirm', action } }
}

const inTable = (view: View): View => ({ ...view, mode: { id: 'table' } })

const tell = (view: View, kind: Message['kind'], text: string): View => ({ ...view, message: { kind, text } })

function typed(text: string, key: string): string {
  if (key === 'backspace') return [...text].slice(0, -1).join('')
  if (key === 'ctrl-u') return ''
  return [...key].length === 1 && key >= ' ' && key !== '\x7f' ? text + key : text
}
