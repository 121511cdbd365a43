import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { ProcessState } from '../../../api.ts'
import { signalProcess } from '../../actions.ts'
import { bytes, percent } from '../../format.ts'
import { Ago } from '../../parts/exit.tsx'
import { may } from '../../session.ts'
import { watchers } from '../../store/store.ts'

const signals = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGSTOP', 'SIGCONT', 'SIGKILL'] as const

/** The processes of a watcher, with what descends from each. */
export function Processes({ name }: { name: string }) {
  const { processes } = watchers.value[name] ?? {}
  if (!processes) return <p class="empty">Looking at the processes …</p>
  const rows = Object.values(processes).sort((a, b) => (a.wid ?? 0) - (b.wid ?? 0))
  if (rows.length === 0) return <p class="empty">No process of it runs.</p>
  const mayAct = may('operate')
  return (
    <div class="scroller" role="region" aria-label="Processes, to be scrolled" tabIndex={0}>
      <table class="table processes">
        <thead>
          <tr>
            <th scope="col">PID</th>
            <th scope="col" class="number">
              Place
            </th>
            <th scope="col">Command</th>
            <th scope="col" class="number">
              Age
            </th>
            <th scope="col" class="number">
              CPU
            </th>
            <th scope="col" class="number">
              Memory
            </th>
            <th scope="col" class="number">
              FDs
            </th>
            <th scope="col" class="number">
              Threads
            </th>
            <th scope="col" class="number">
              Restarts
            </th>
            {mayAct && (
              <th scope="col">
                <span class="unseen">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((process) => (
            <Tree key={process.pid} name={name} process={process} depth={0} mayAct={mayAct} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface Props {
  readonly name: string
  readonly process: ProcessState
  readonly depth: number
  readonly mayAct: boolean
}

function Tree({ name, process, depth, mayAct }: Props) {
  const { pid, wid, command, user, cpu, rssBytes, startedAt, fds, threads, restarts, children = {} } = process
  return (
    <>
      <tr class={depth > 0 ? 'is-child' : undefined}>
        <th scope="row" class={`pid depth-${Math.min(depth, 6)}`}>
          {depth > 0 && <span class="unseen">child of the one above, </span>}
          {pid}
        </th>
        <Figure>{wid ?? ''}</Figure>
        <td class="command" title={user === undefined ? command : `${command ?? ''} (user ${user})`}>
          {command ?? '–'}
        </td>
        <Figure>{startedAt === undefined ? '–' : <Ago time={startedAt} />}</Figure>
        <Figure>{percent(cpu)}</Figure>
        <Figure>{bytes(rssBytes)}</Figure>
        <Figure>{fds ?? '–'}</Figure>
        <Figure>{threads ?? '–'}</Figure>
        <Figure>{restarts ?? ''}</Figure>
        {mayAct && <td class="cell-actions">{depth === 0 && <Signals name={name} pid={pid} />}</td>}
      </tr>
      {Object.values(children).map((child) => (
        <Tree key={child.pid} name={name} process={child} depth={depth + 1} mayAct={mayAct} />
      ))}
    </>
  )
}

const Figure = ({ children }: { children: ComponentChildren }) => <td class="number">{children}</td>

/** Ends a process, or sends it a signal. */
function Signals({ name, pid }: { name: string; pid: number }) {
  const [signal, setSignal] = useState<string>('SIGHUP')
  return (
    <span class="signals">
      <select
        aria-label={`Signal for ${pid}`}
        value={signal}
        onChange={({ currentTarget }) => setSignal(currentTarget.value)}
      >
        {signals.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <button type="button" class="button" onClick={() => void signalProcess(name, pid, signal)}>
        Send
        <span class="unseen">
          {' '}
          {signal} to {pid}
        </span>
      </button>
      <button type="button" class="button" onClick={() => void signalProcess(name, pid, 'kill')}>
        Kill<span class="unseen"> {pid}</span>
      </button>
    </span>
  )
}
