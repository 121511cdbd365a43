import { signal, useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { link, watcherNames, watchers } from '../store/store.ts'
import { healthOf } from './health.ts'

const words = signal('')

/** Tells a screen reader what changes by itself: the states of watchers and of the connection. Never figures. */
export function Announcer() {
  const before = useRef(new Map<string, string>())
  const wasLost = useRef(false)
  useSignalEffect(() => {
    const now = new Map(watcherNames.value.map((name) => [name, healthOf(watchers.value[name]!)]))
    const known = before.current
    const changed = [...now].filter(([name, health]) => known.has(name) && known.get(name) !== health)
    before.current = now
    if (changed.length === 0) return
    const [[name, health] = []] = changed
    words.value = changed.length === 1 ? `${name} is ${health}` : `${changed.length} watchers changed their state`
  })
  useSignalEffect(() => {
    if (link.value.id === 'unreachable') words.value = 'The server of the console does not answer'
    else if (link.value.id === 'gone') words.value = 'The daemon does not answer'
    else if (wasLost.current && link.value.id === 'live') words.value = 'All is live again'
    wasLost.current = link.value.id === 'unreachable' || link.value.id === 'gone'
  })
  return (
    <p class="unseen" role="status">
      {words.value}
    </p>
  )
}
