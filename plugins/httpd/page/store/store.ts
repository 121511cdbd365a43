import { batch, computed, signal } from '@preact/signals'
import type { LiveEvent, LiveEvents, State, WatcherState } from '../../api.ts'
import { mergePatch } from './merge-patch.ts'

/** How what is shown stands to what is. */
export type Link =
  | { readonly id: 'connecting' }
  | { readonly id: 'live' }
  /** The server of the console does not answer: what is shown is from `since` (Unix milliseconds). */
  | { readonly id: 'unreachable'; readonly since: number }
  /** The server answers, the daemon does not. */
  | { readonly id: 'gone'; readonly since: number }

/** So many events are kept, the newest first. */
const keptEvents = 1_000

/** All the server told. `undefined` until it has told anything. */
export const state = signal<State | undefined>(undefined)
export const link = signal<Link>({ id: 'connecting' })
/** The newest first. */
export const events = signal<readonly LiveEvent[]>([])

/** Goes up once a second while all is live: ages are read anew, and the graphs go on. */
export const beat = signal(0)

const none: Readonly<Record<string, WatcherState>> = {}
export const watchers = computed(() => state.value?.watchers ?? none)
/** Changes only when a watcher comes or goes. */
export const watcherNames = computed<readonly string[]>(keeping(() => Object.keys(watchers.value).sort(byName)))
/** Whether what is shown may be old. */
export const isStale = computed(() => link.value.id === 'unreachable' || link.value.id === 'gone')

/** The whole state came. */
export function takeState(whole: State): void {
  batch(() => {
    state.value = whole
    link.value = whole.daemon.up ? { id: 'live' } : { id: 'gone', since: Date.now() }
  })
}

/** What changed came. */
export function takePatch(patch: object): void {
  if (state.value) state.value = mergePatch(state.value, patch) as State
}

/** Events came, the oldest first; some of them may be known. */
export function takeEvents({ events: told }: LiveEvents): void {
  const newest = events.value[0]?.id ?? -1
  // A server that was started anew counts from the beginning.
  const isAnew = told.length > 0 && told.at(-1)!.id < newest
  const fresh = (isAnew ? [...told] : told.filter(({ id }) => id > newest)).reverse()
  if (fresh.length > 0) events.value = [...fresh, ...(isAnew ? [] : events.value)].slice(0, keptEvents)
}

/** How topics, and events, name a watcher. */
export const topicOf = (name: string): string => name.toLowerCase().replaceAll(' ', '_')

const collator = new Intl.Collator(undefined, { numeric: true })

/** The order of names: `web2` before `web10`. */
export const byName = (a: string, b: string): number => collator.compare(a, b)

/** The list from before, as long as it holds the same. */
function keeping(read: () => readonly string[]): () => readonly string[] {
  let before: readonly string[] = []
  return () => {
    const now = read()
    if (now.length !== before.length || now.some((name, at) => name !== before[at])) before = now
    return before
  }
}
