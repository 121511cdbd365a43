import { useEffect, useState } from 'preact/hooks'
import type { OptionValue } from '../../api.ts'
import { doing } from '../actions.ts'
import { ask, type Refusal, tell } from '../client.ts'
import { bytes, counted, dateAndClock, duration, percent } from '../format.ts'
import { Heading } from '../parts/heading.tsx'
import { confirmed } from '../parts/question.tsx'
import { may } from '../session.ts'
import { beat, link, state, watcherNames, watchers } from '../store/store.ts'
import { timeThere } from '../time.ts'

interface DaemonReply {
  readonly options: Readonly<Record<string, OptionValue>>
}

/** The daemon itself: what it is, its options, its configuration, its end. */
export function DaemonPage() {
  return (
    <>
      <Heading title="Daemon" />
      <Facts />
      {may('admin') && <Configuration />}
      <Options />
      {may('admin') && <End />}
    </>
  )
}

function Facts() {
  beat.value
  const daemon = state.value?.daemon
  if (!daemon) return null
  const { version, pid, endpoint, cpu, rssBytes, startedAt, file } = daemon
  return (
    <dl class="facts">
      <Fact title="Version" value={version} />
      <Fact title="Process" value={pid === undefined ? undefined : String(pid)} />
      <Fact title="Endpoint" value={endpoint} />
      <Fact title="CPU" value={percent(cpu)} />
      <Fact title="Memory" value={bytes(rssBytes)} />
      {startedAt !== undefined && (
        <Fact title="Up" value={`${duration(timeThere() - startedAt)}, since ${dateAndClock(startedAt)}`} />
      )}
      <Fact title="Configuration" value={file} />
    </dl>
  )
}

const Fact = ({ title, value }: { title: string; value: string | undefined }) => (
  <div>
    <dt>{title}</dt>
    <dd>{value ?? '–'}</dd>
  </div>
)

type Reading = { readonly id: 'idle' | 'busy' | 'done' } | { readonly id: 'failed'; readonly why: string }

function Configuration() {
  const [reading, setReading] = useState<Reading>({ id: 'idle' })
  const reload = async () => {
    setReading({ id: 'busy' })
    try {
      await tell('reloadconfig', { waiting: true })
      setReading({ id: 'done' })
    } catch (error) {
      setReading({ id: 'failed', why: (error as Refusal).message })
    }
  }
  return (
    <section class="panel" aria-labelledby="configuration">
      <div class="panel-head">
        <h2 id="configuration">Configuration</h2>
        <button
          type="button"
          class="button push"
          aria-disabled={reading.id === 'busy'}
          onClick={() => reading.id !== 'busy' && void reload()}
        >
          Reload the configuration
        </button>
      </div>
      <div class="panel-body" role="status">
        {reading.id === 'idle' && (
          <p class="note">Reads the files again and applies what differs. With an error in them nothing is changed.</p>
        )}
        {reading.id === 'busy' && <p>Reading and applying …</p>}
        {reading.id === 'done' && <p>The configuration was read, and what differed is applied.</p>}
        {reading.id === 'failed' && (
          <>
            <p class="wrong">Nothing was changed:</p>
            <pre class="report">{reading.why}</pre>
          </>
        )}
      </div>
    </section>
  )
}

function Options() {
  const [reply, setReply] = useState<DaemonReply>()
  const [failure, setFailure] = useState<string>()
  const isLive = link.value.id === 'live'
  useEffect(() => {
    if (isLive) ask<DaemonReply>('daemon').then(setReply, (error: Error) => setFailure(error.message))
  }, [isLive])
  return (
    <section class="panel" aria-labelledby="options">
      <div class="panel-head">
        <h2 id="options">Options</h2>
      </div>
      {reply ? (
        <table class="table options">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
              <th scope="col">Set in</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(reply.options).map(([name, { value, file, line }]) => (
              <tr key={name}>
                <th scope="row" class="mono">
                  {name}
                </th>
                <td class="mono option-value">
                  {value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)}
                </td>
                <td class="note origin">{file === null ? 'default' : line ? `${file}:${line}` : file}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p class="panel-body note">{failure ?? 'Asking …'}</p>
      )}
    </section>
  )
}

function End() {
  const quit = async () => {
    const names = watcherNames.peek()
    const alive = Object.values(watchers.peek()).reduce((sum, watcher) => sum + watcher.alive, 0)
    const text = `The daemon ends, and with it ${counted(alive, 'process', 'processes')} of ${counted(names.length, 'watcher')}. Only who can start it on its machine gets it back; this page cannot.`
    if (await confirmed({ title: 'Quit the daemon?', text, names, confirm: 'Quit the daemon' })) {
      await doing('Quitting …', 'The daemon is quitting', 'quit')
    }
  }
  return (
    <section class="panel" aria-labelledby="end">
      <div class="panel-head">
        <h2 id="end">End</h2>
        <span class="note">Stops every watcher, then the daemon.</span>
        <button type="button" class="button danger push" onClick={() => void quit()}>
          Quit the daemon
        </button>
      </div>
    </section>
  )
}
