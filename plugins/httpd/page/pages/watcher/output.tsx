import { useEffect, useRef, useState } from 'preact/hooks'
import { apiAddress } from '../../client.ts'
import { Icon } from '../../parts/icon.tsx'
import { watchers } from '../../store/store.ts'
import { OutputFeed } from './output-feed.ts'
import { OutputLines } from './output-lines.ts'

/** What the processes of a watcher write, as it comes. Text, whatever it looks like. */
export function Output({ name }: { name: string }) {
  const place = useRef<HTMLDivElement>(null)
  const lines = useRef<OutputLines>(undefined)
  const [stream, setStream] = useState('')
  const [pid, setPid] = useState('')
  const [search, setSearch] = useState('')
  const [paused, setPaused] = useState(false)
  const [following, setFollowing] = useState(true)
  const [waiting, setWaiting] = useState(0)

  useEffect(() => {
    const shown = new OutputLines(place.current!, { onWaiting: setWaiting, onFollowing: setFollowing })
    lines.current = shown
    const feed = new OutputFeed(name, shown)
    return () => {
      feed.close()
      shown.close()
    }
  }, [name])
  useEffect(() => lines.current?.show({ stream, pid, search }), [stream, pid, search])
  useEffect(() => lines.current?.pause(paused), [paused])

  const pids = Object.keys(watchers.value[name]?.processes ?? {})
  const download = apiAddress('output', { name, pid: pid || undefined, stream: stream || undefined })
  return (
    <section class="panel" aria-label="Output">
      <div class="panel-head">
        <search class="search">
          <Icon name="search" />
          <input
            type="search"
            aria-label="Search in the output"
            placeholder="Search in the output"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </search>
        <select aria-label="Stream" value={stream} onChange={({ currentTarget }) => setStream(currentTarget.value)}>
          <option value="">stdout and stderr</option>
          <option value="stdout">stdout</option>
          <option value="stderr">stderr</option>
        </select>
        <select aria-label="Process" value={pid} onChange={({ currentTarget }) => setPid(currentTarget.value)}>
          <option value="">all processes</option>
          {pid !== '' && !pids.includes(pid) && <option value={pid}>{pid}, ended</option>}
          {pids.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          <Icon name="pause" /> {paused ? `Paused, ${waiting} waiting` : 'Pause'}
        </button>
        <button type="button" class="button" aria-disabled={following} onClick={() => lines.current?.follow()}>
          <Icon name="down" /> {following ? 'Following' : 'Follow'}
        </button>
        <a class="button" href={download} download={`${name}.log`}>
          <Icon name="download" /> Download
        </a>
      </div>
      <div class="output" ref={place} role="log" aria-live="off" aria-label={`Output of ${name}`} tabIndex={0} />
    </section>
  )
}
