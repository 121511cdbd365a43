import { Heading } from '../parts/heading.tsx'
import { byName, state } from '../store/store.ts'

/** What extends the daemon, and how it does. */
export function PluginsPage() {
  const all = Object.entries(state.value?.plugins ?? {}).sort(([a], [b]) => byName(a, b))
  return (
    <>
      <Heading title="Plugins" />
      {all.length === 0 ? (
        <p class="empty">No plugin is loaded.</p>
      ) : (
        <div class="scroller" role="region" aria-label="Plugins, to be scrolled" tabIndex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Plugin</th>
                <th scope="col">State</th>
                <th scope="col">What it does</th>
                <th scope="col" class="number">
                  Failures
                </th>
                <th scope="col">Runs in</th>
                <th scope="col">Commands</th>
              </tr>
            </thead>
            <tbody>
              {all.map(([name, { use, summary, isolated, running, failures, commands = [] }]) => (
                <tr key={name}>
                  <th scope="row" class="cell-name">
                    {name}
                    {use !== name && <span class="reason">{use}</span>}
                  </th>
                  <td>
                    <span class={running ? 'mark mark-active' : 'mark mark-failed'}>
                      <span class="mark-sign" aria-hidden="true" />
                      {running ? 'running' : 'not running'}
                    </span>
                  </td>
                  <td>{summary ?? '–'}</td>
                  <td class={failures > 0 ? 'number bad' : 'number'}>{failures}</td>
                  <td>{isolated ? 'a process of its own' : 'the daemon'}</td>
                  <td class="mono">{commands.join(', ') || <span class="faint">none</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
