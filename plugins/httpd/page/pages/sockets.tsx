import { Heading } from '../parts/heading.tsx'
import { linkTo, linkToWatcher } from '../route.ts'
import { byName, state } from '../store/store.ts'

/** What the daemon listens at for its watchers. */
export function SocketsPage() {
  const all = Object.entries(state.value?.sockets ?? {}).sort(([a], [b]) => byName(a, b))
  return (
    <>
      <Heading title="Sockets" />
      {all.length === 0 ? (
        <p class="empty">
          The daemon holds no sockets. A <code>[socket:NAME]</code> section of the configuration adds one.
        </p>
      ) : (
        <div class="scroller" role="region" aria-label="Sockets, to be scrolled" tabIndex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Socket</th>
                <th scope="col">Address</th>
                <th scope="col">Waiting</th>
                <th scope="col" class="number">
                  Hits a second
                </th>
                <th scope="col" class="number">
                  FD
                </th>
                <th scope="col">Watchers</th>
              </tr>
            </thead>
            <tbody>
              {all.map(([name, { address, fd, queue, limit, hits, watchers }]) => (
                <tr key={name}>
                  <th scope="row" class="cell-name">
                    {name}
                  </th>
                  <td class="mono">{address}</td>
                  <td>
                    <Queue queue={queue} limit={limit} name={name} />
                  </td>
                  <td class="number">{hits ?? '–'}</td>
                  <td class="number">{fd ?? '–'}</td>
                  <td>
                    {watchers.length === 0 && <span class="faint">none</span>}
                    {watchers.map((watcher, at) => (
                      <span key={watcher}>
                        {at > 0 && ', '}
                        <a href={linkToWatcher(watcher)}>{watcher}</a>
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="note">
        Waiting: connections that no process has accepted yet. Hits: at how many of a hundred looks in the last second
        somebody waited. <a href={linkTo('overview')}>Back to the watchers</a>
      </p>
    </>
  )
}

function Queue({ queue, limit, name }: { queue: number | undefined; limit: number | undefined; name: string }) {
  if (queue === undefined) return <span class="faint">–</span>
  if (limit === undefined) return <>{queue} bytes</>
  return (
    <span class="figure">
      <span class={queue > limit / 2 ? 'bad' : undefined}>
        {queue} of {limit}
      </span>
      <meter min={0} max={limit} high={limit / 2} value={queue} aria-label={`Waiting at ${name}`} />
    </span>
  )
}
