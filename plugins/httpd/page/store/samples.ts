import { effect } from '@preact/signals'
import type { HistoryReply } from '../../api.ts'
import { ask } from '../client.ts'
import { beat, link, state, topicOf, watchers } from './store.ts'

/** So many seconds are shown in small. */
export const minute = 60

/** What a watcher used in the last minute, the oldest first; `null` where nobody looked. */
export interface Samples {
  readonly cpu: (number | null)[]
  readonly rss: (number | null)[]
}

const kept = new Map<string, Samples>()

/** The last minute of a watcher. Read `beat` beside it: it is changed in place. */
export const samplesOf = (name: string): Samples | undefined => kept.get(name)

/** Keep a minute of every watcher: what the daemon remembers, and from then on what comes. */
export function keepSamples(): void {
  effect(() => {
    if (link.value.id === 'live') void remember()
  })
  effect(() => {
    if (beat.value > 0) sample()
  })
}

async function remember(): Promise<void> {
  // Without the plugin `stats` nobody remembers: the lines begin now.
  if (!state.peek()?.daemon.history) return
  const { watchers: all = {} } = await ask<HistoryReply>('history', { points: minute }).catch(() => ({ watchers: {} }))
  const names = new Map(Object.keys(watchers.peek()).map((name) => [topicOf(name), name]))
  for (const [topic, { cpu, rss }] of Object.entries(all)) {
    const name = names.get(topicOf(topic))
    if (name === undefined) continue
    const had = kept.get(name)
    // What was seen here is newer than what was asked for.
    kept.set(name, { cpu: filled(cpu, had?.cpu), rss: filled(rss, had?.rss) })
  }
}

const filled = (told: readonly (number | null)[], seen: readonly (number | null)[] = []): (number | null)[] =>
  Array.from({ length: minute }, (_, at) => told.at(at - minute) ?? seen.at(at - minute) ?? null)

function sample(): void {
  const now = watchers.peek()
  for (const name of kept.keys()) if (!Object.hasOwn(now, name)) kept.delete(name)
  for (const [name, { cpu, rssBytes }] of Object.entries(now)) {
    const samples = kept.get(name) ?? { cpu: Array(minute).fill(null), rss: Array(minute).fill(null) }
    kept.set(name, samples)
    push(samples.cpu, cpu ?? null)
    push(samples.rss, rssBytes ?? null)
  }
}

function push(values: (number | null)[], value: number | null): void {
  values.push(value)
  values.shift()
}
