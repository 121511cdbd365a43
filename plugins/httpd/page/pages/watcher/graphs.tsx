import { useSignalEffect } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { HistoryReply } from '../../../api.ts'
import { ask } from '../../client.ts'
import { bytes, percent } from '../../format.ts'
import { Graph } from '../../parts/graph.tsx'
import { beat, link, state, watchers } from '../../store/store.ts'
import { timeThere } from '../../time.ts'
import { fromReply, goOn, type History, noHistory } from './history.ts'
import { lastRange, type Range, ranges, rememberRange } from './ranges.ts'

/** CPU and memory of a watcher: what the daemon remembers, and from then on what comes. */
export function Graphs({ name }: { name: string }) {
  const [range, setRange] = useState(lastRange)
  const [single, setSingle] = useState(false)
  const { history, version } = useHistory(name, range, single)
  const remembers = state.value?.daemon.history ?? false
  const lines = history?.lines ?? []
  const shown = { times: history?.times ?? [], version }
  const labels = lines.map(({ id }) => (id === 'total' ? 'total' : `pid ${id}`))
  return (
    <section class="panel graphs" aria-label="Graphs">
      <div class="panel-head">
        <Choice legend="Time shown">
          {ranges.map((each) => (
            <Segment
              key={each.id}
              group="range"
              title={each.title}
              checked={each === range}
              disabled={!remembers && each.id !== '1m'}
              choose={() => {
                rememberRange(each)
                setRange(each)
              }}
            />
          ))}
        </Choice>
        <Choice legend="Lines">
          <Segment group="lines" title="Total" checked={!single} choose={() => setSingle(false)} />
          <Segment group="lines" title="Each process" checked={single} choose={() => setSingle(true)} />
        </Choice>
        {!remembers && (
          <span class="note">Nothing older is known: statsd = True in [circus] has the daemon remember.</span>
        )}
      </div>
      <div class="graph-pair">
        <Graph
          title="CPU"
          {...shown}
          series={lines.map(({ cpu }, at) => ({ label: labels[at]!, values: cpu }))}
          format={percent}
          colour="--series-cpu"
          least={5}
          base={10}
        />
        <Graph
          title="Memory"
          {...shown}
          series={lines.map(({ rss }, at) => ({ label: labels[at]!, values: rss }))}
          format={bytes}
          colour="--series-rss"
          least={1024 * 1024}
          base={2}
        />
      </div>
    </section>
  )
}

const Choice = ({ legend, children }: { legend: string; children: ComponentChildren }) => (
  <fieldset class="segments">
    <legend class="unseen">{legend}</legend>
    {children}
  </fieldset>
)

interface SegmentProps {
  readonly group: string
  readonly title: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly choose: () => void
}

const Segment = ({ group, title, checked, disabled = false, choose }: SegmentProps) => (
  <label>
    <input type="radio" name={group} checked={checked} disabled={disabled} onChange={choose} />
    <span>{title}</span>
  </label>
)

function useHistory(name: string, range: Range, single: boolean) {
  const history = useRef<History>(undefined)
  const [version, setVersion] = useState(0)
  const remembers = state.value?.daemon.history ?? false
  const isLive = link.value.id === 'live'
  // By the minute, what comes by the second is too fine: it is asked anew.
  const [round, setRound] = useState(0)
  const { step, points } = range

  // `round` asks anew.
  useEffect(() => {
    let isOver = false
    const put = (now: History) => {
      if (isOver) return
      history.current = now
      setVersion((count) => count + 1)
    }
    if (!remembers) {
      if (!history.current) put(noHistory(points, timeThere()))
      return
    }
    if (!isLive) return
    ask<HistoryReply>('history', { name, step, points, ...(single && { processes: true }) }).then(
      (reply) => put(fromReply(reply)),
      () => history.current ?? put(noHistory(points, timeThere())),
    )
    const timer = step === 'minute' ? setTimeout(() => setRound(round + 1), 30_000) : undefined
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [name, step, points, single, remembers, isLive, round])

  useSignalEffect(() => {
    if (beat.value === 0 || !history.current || history.current.step !== 1) return
    const watcher = watchers.peek()[name]
    if (!watcher) return
    goOn(history.current, timeThere(), watcher, single)
    setVersion((count) => count + 1)
  })

  return { history: history.current, version }
}
