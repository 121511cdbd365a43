import { effect } from '@preact/signals'
import { apiAddress, request } from '../client.ts'
import { route } from '../route.ts'
import { session } from '../session.ts'
import { beat, isStale, link, takeEvents, takePatch, takeState } from './store.ts'

/** Without a word for so long, in milliseconds, a connection is given up for a new one. */
const silenceMs = 20_000
/** The state comes at once, or something went wrong. */
const firstSilenceMs = 5_000
/** A page that nobody sees gives its connection up after so long: a browser has six for a server. */
const hiddenMs = 30_000
const firstPauseMs = 500
const lastPauseMs = 5_000

let source: EventSource | undefined
let pauseMs = firstPauseMs
let again: ReturnType<typeof setTimeout> | undefined
let heardAt = 0
/** Nothing has come by this connection yet. */
let isFirst = true
let watcher: string | undefined
let hidden: ReturnType<typeof setTimeout> | undefined

/** Keep the store up to date for as long as somebody is in. */
export function keepLive(): void {
  effect(() => {
    const isIn = session.value.id === 'in'
    const wanted = route.value.id === 'watcher' ? route.value.name : undefined
    if (!isIn) return close()
    if (source && watcher === wanted) return
    watcher = wanted
    connect()
  })
  setInterval(() => {
    if (source && Date.now() - heardAt > (isFirst ? firstSilenceMs : silenceMs)) void retry()
    if (!isStale.peek()) beat.value++
  }, 1_000)
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(close, hiddenMs)
    else if (!source && session.peek().id === 'in') connect()
  })
  addEventListener('online', () => {
    if (isStale.peek() && session.peek().id === 'in') connect()
  })
}

/** Try again at once. */
export function reconnect(): void {
  pauseMs = firstPauseMs
  connect()
}

function connect(): void {
  close()
  heardAt = Date.now()
  isFirst = true
  const opened = new EventSource(apiAddress('live', { watcher }))
  source = opened
  const on = (event: string, take: (data: never) => void) =>
    opened.addEventListener(event, ({ data }: MessageEvent<string>) => {
      if (source !== opened) return
      heardAt = Date.now()
      take(JSON.parse(data) as never)
    })
  on('state', (state: Parameters<typeof takeState>[0]) => {
    pauseMs = firstPauseMs
    isFirst = false
    takeState(state)
  })
  on('patch', takePatch)
  on('events', takeEvents)
  on('gone', () => {
    link.value = { id: 'gone', since: Date.now() }
  })
  on('back', () => {
    link.value = { id: 'live' }
  })
  on('end', () => void retry())
  opened.addEventListener('error', () => source === opened && lost())
}

function close(): void {
  clearTimeout(again)
  source?.close()
  source = undefined
}

function lost(): void {
  close()
  if (link.peek().id !== 'unreachable') link.value = { id: 'unreachable', since: heardAt }
  again = setTimeout(() => void retry(), pauseMs)
  pauseMs = Math.min(lastPauseMs, pauseMs * 2)
}

async function retry(): Promise<void> {
  close()
  try {
    // An EventSource does not tell why it failed: a session may have ended.
    await request('api/session', 'GET')
  } catch {
    if (session.peek().id === 'in') lost()
    return
  }
  connect()
}
