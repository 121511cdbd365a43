import { counted } from '../../format.ts'
import { may } from '../../session.ts'
import { watcherNames } from '../../store/store.ts'
import { WatcherRow } from './row.tsx'
import { type Column, chosen, columns, order, orderBy, shown, tick, ticked } from './view.ts'

const words: Readonly<Record<Column, string>> = {
  name: 'Watcher',
  state: 'State',
  alive: 'Processes',
  cpu: 'CPU',
  memory: 'Memory',
  restarts: 'Restarts',
  exit: 'Last exit',
}

/** Every watcher that is shown. The roles are said: on narrow screens it is no table to the browser. */
export function WatcherTable() {
  const names = shown.value
  const mayAct = may('operate')
  if (watcherNames.value.length === 0) return <p class="empty">The daemon has no watchers.</p>
  if (names.length === 0)
    return <p class="empty">None of {counted(watcherNames.value.length, 'watcher')} is like that.</p>
  return (
    <table class="table watchers" role="table" aria-label="Watchers">
      <thead role="rowgroup">
        <tr role="row">
          {mayAct && (
            <th role="columnheader" class="cell-tick">
              <TickAll names={names} />
            </th>
          )}
          {columns.map((column) => (
            <SortHeader key={column} column={column} />
          ))}
          {mayAct && (
            <th role="columnheader" class="cell-actions">
              <span class="unseen">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {names.map((name) => (
          <WatcherRow key={name} name={name} mayAct={mayAct} />
        ))}
      </tbody>
    </table>
  )
}

function TickAll({ names }: { names: readonly string[] }) {
  const all = names.every((name) => ticked.value.has(name))
  return (
    <label class="tick">
      <input
        type="checkbox"
        checked={all}
        indeterminate={!all && chosen.value.length > 0}
        onChange={() => tick(names, !all)}
      />
      <span class="unseen">Select all that are shown</span>
    </label>
  )
}

function SortHeader({ column }: { column: Column }) {
  const { by, down } = order.value
  const sorted = by === column ? (down ? 'descending' : 'ascending') : 'none'
  return (
    <th role="columnheader" class={`cell-${column}`} aria-sort={sorted}>
      <button type="button" class="sort" onClick={() => orderBy(column)}>
        {words[column]}
        <span class="sort-sign" aria-hidden="true">
          {sorted === 'none' ? '' : down ? '↓' : '↑'}
        </span>
      </button>
    </th>
  )
}
