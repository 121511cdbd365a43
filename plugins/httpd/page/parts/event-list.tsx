import type { LiveEvent } from '../../api.ts'
import { clock, dateAndClock } from '../format.ts'

/** What happened, the newest first. `named` shows of which watcher. */
export function EventList({ events, named = false }: { events: readonly LiveEvent[]; named?: boolean }) {
  if (events.length === 0) return <p class="empty">Nothing has happened yet.</p>
  return (
    <div class="scroller" role="region" aria-label="Events, to be scrolled" tabIndex={0}>
      <table class="table event-list">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {named && <th scope="col">Watcher</th>}
            <th scope="col">Event</th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {events.map(({ id, time, watcher, event, payload }) => (
            <tr key={id}>
              <td>
                <time dateTime={new Date(time * 1000).toISOString()} title={dateAndClock(time)}>
                  {clock(time)}
                </time>
              </td>
              {named && <td class="event-watcher">{watcher}</td>}
              <td class={isBad(event, payload) ? 'bad' : undefined}>{event}</td>
              <td class="details">{detailsOf(payload)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Whether somebody would want to know. */
export const isBad = (event: string, payload: LiveEvent['payload']): boolean =>
  /fail/.test(event) ||
  (event === 'reap' && Number(payload['exit_code'] ?? 0) !== 0) ||
  (event === 'stop' && 'reason' in payload)

const detailsOf = (payload: LiveEvent['payload']): string =>
  Object.entries(payload)
    .filter(([name]) => name !== 'time')
    .map(([name, value]) => `${name.replace('process_pid', 'pid').replaceAll('_', ' ')} ${plain(value)}`)
    .join(', ')

const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
