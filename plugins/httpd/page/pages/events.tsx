import { useState } from 'preact/hooks'
import { counted } from '../format.ts'
import { EventList, isBad } from '../parts/event-list.tsx'
import { Heading } from '../parts/heading.tsx'
import { Icon } from '../parts/icon.tsx'
import { events } from '../store/store.ts'

/** What happens, as it happens. */
export function EventsPage() {
  const [watcher, setWatcher] = useState('')
  const [kind, setKind] = useState('')
  const [bad, setBad] = useState(false)
  const [frozen, setFrozen] = useState<typeof events.value>()
  const all = frozen ?? events.value
  const kinds = [...new Set(all.map(({ event }) => event))].sort()
  const shown = all.filter(
    (each) =>
      each.watcher.includes(watcher.toLowerCase().replaceAll(' ', '_')) &&
      (kind === '' || each.event === kind) &&
      (!bad || isBad(each.event, each.payload)),
  )
  const waiting = frozen ? events.value.findIndex(({ id }) => id === frozen[0]?.id) : 0
  return (
    <>
      <Heading title="Events" />
      <div class="tools">
        <search class="search">
          <Icon name="search" />
          <input
            type="search"
            aria-label="Watcher"
            placeholder="Watcher"
            value={watcher}
            onInput={({ currentTarget }) => setWatcher(currentTarget.value)}
          />
        </search>
        <select aria-label="Kind of event" value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
          <option value="">all kinds</option>
          {kinds.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <label class="check">
          <input type="checkbox" checked={bad} onChange={({ currentTarget }) => setBad(currentTarget.checked)} />
          Only trouble
        </label>
        <button
          type="button"
          class="button"
          aria-pressed={frozen !== undefined}
          onClick={() => setFrozen(frozen ? undefined : events.value)}
        >
          <Icon name="pause" /> {frozen ? `Paused, ${Math.max(0, waiting)} waiting` : 'Pause'}
        </button>
        <span class="note">{counted(shown.length, 'event')}</span>
      </div>
      <EventList events={shown} named />
    </>
  )
}
