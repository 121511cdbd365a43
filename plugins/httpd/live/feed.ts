import { type Circus, type Log, reasonOf } from '../../../core/plugin.ts'
import type { LiveEvent, ProcessState, State, WatcherState } from '../api.ts'
import type { ServerSent } from '../server-sent.ts'
import { RecentEvents } from './events.ts'
import { Inquiry, keyOf } from './inquiry.ts'
import { mergePatch, type Tree } from './merge-patch.ts'

/** Between two looks. */
const lookMs = 1_000
/** What an event has changed is asked for so soon after it: events come in bursts. */
const hurryMs = 100
/** In one look, the processes of so many watchers at most: those of others come with the next ones. */
const watchersPerLook = 10
/** In one message to a page so many events at most. */
const mostEvents = 200

/** One open page. */
interface Page {
  readonly stream: ServerSent
  /** The watcher whose processes it shows, as topics have its name. */
  readonly watching: string | undefined
  /** It has had a whole state: differences make sense to it. */
  isReady: boolean
  /** It did not read what was sent, and gets a whole state when it does again. */
  isBehind: boolean
}

type Processes = Readonly<Record<string, ProcessState>>

/**
 * One model of the daemon for all open pages, and what has changed in it to each of them. While no page is open, nothing is
 * asked of the daemon.
 */
export class Feed {
  readonly #circus: Circus
  readonly #log: Log
  readonly #inquiry: Inquiry
  readonly #events = new RecentEvents()
  readonly #pages = new Set<Page>()
  /** By the watcher, as topics name it. */
  readonly #processes = new Map<string, Processes>()
  #state: State | undefined
  #figures: Awaited<ReturnType<Inquiry['figures']>> = new Map()
  #unsent: LiveEvent[] = []
  #dropped = 0
  #isGone = false
  #looking: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined
  #hurry: NodeJS.Timeout | undefined

  constructor(circus: Circus) {
    this.#circus = circus
    this.#log = circus.log
    this.#inquiry = new Inquiry(circus)
    circus.on('*', (event) => {
      const entry = this.#events.add(event)
      if (this.#pages.size === 0) return
      this.#unsent.push(entry)
      this.#dropped += Math.max(0, this.#unsent.length - mostEvents)
      this.#unsent = this.#unsent.slice(-mostEvents)
      this.#hurry ??= setTimeout(() => {
        this.#hurry = undefined
        this.#sendEvents()
        void this.#look(false)
      }, hurryMs)
    })
    circus.signal.addEventListener('abort', () => this.close(), { once: true })
  }

  /** How many pages are open. */
  get size(): number {
    return this.#pages.size
  }

  /** Show a page what happens until it is closed. */
  async open(stream: ServerSent, watching: string | undefined): Promise<void> {
    const page: Page = {
      stream,
      watching: watching === undefined ? undefined : keyOf(watching),
      isReady: false,
      isBehind: false,
    }
    const isFirst = this.#pages.size === 0
    // From now on nobody's leaving ends the looks that this one waits for.
    this.#pages.add(page)
    stream.closed.addEventListener('abort', () => this.#leave(page), { once: true })
    this.#timer ??= setInterval(() => void this.#look(true), lookMs)
    if (isFirst || !this.#state) await this.#look(true)
    if (page.watching !== undefined && !this.#processes.has(page.watching)) await this.#lookAt(page.watching)
    if (stream.closed.aborted || this.#circus.signal.aborted) return stream.end()
    page.isReady = true
    // What was being sent to the others is in the state that this one gets.
    this.#sendWhole(page)
    const events = this.#events.last
    if (events.length > 0) stream.send('events', JSON.stringify({ events }))
  }

  close(): void {
    for (const { stream } of this.#pages) stream.end()
    this.#stop()
  }

  #leave(page: Page): void {
    this.#pages.delete(page)
    const { watching } = page
    if (watching !== undefined && ![...this.#pages].some((each) => each.watching === watching))
      this.#processes.delete(watching)
    if (this.#pages.size === 0) this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#hurry)
    this.#timer = undefined
    this.#hurry = undefined
    this.#unsent = []
    this.#state = undefined
    this.#processes.clear()
  }

  /** @param deep Ask for figures as well; without, only what an event may have changed. */
  #look(deep: boolean): Promise<void> {
    if (this.#looking) {
      this.#again ||= !deep
      return this.#looking
    }
    this.#looking = this.#lookNow(deep).finally(() => {
      this.#looking = undefined
      if (!this.#again) return
      this.#again = false
      void this.#look(false)
    })
    return this.#looking
  }

  async #lookNow(deep: boolean): Promise<void> {
    try {
      const [watchers, sockets, daemon, figures] = await Promise.all([
        this.#inquiry.watchers(),
        deep || !this.#state ? this.#inquiry.sockets() : this.#state.sockets,
        deep || !this.#state ? this.#inquiry.daemon() : this.#state.daemon,
        deep ? this.#inquiry.figures() : this.#figures,
      ])
      this.#figures = figures
      const isBack = this.#isGone
      this.#isGone = false
      if (isBack) this.#tell('back', {})
      this.#put({
        daemon: { ...daemon, history: this.#inquiry.remembers },
        watchers: withFigures(watchers, figures),
        sockets,
        plugins: this.#inquiry.plugins,
        panels: this.#inquiry.panels,
      })
      await Promise.all(this.#watched(deep).map((name) => this.#lookAt(name)))
    } catch (error) {
      this.#lose(error)
    }
  }

  async #lookAt(name: string): Promise<void> {
    try {
      const processes = (await this.#inquiry.processes(name)) ?? {}
      const before = this.#processes.get(name)
      this.#processes.set(name, processes)
      const patch = before ? mergePatch(before, processes) : (processes as Tree)
      const written = this.#nameOf(name)
      if (!patch || written === undefined) return
      const json = JSON.stringify({ watchers: { [written]: { processes: patch } } })
      for (const page of this.#pages) if (page.watching === name) this.#send(page, 'patch', json)
    } catch (error) {
      this.#lose(error)
    }
  }

  /** Whose processes are looked at now, each in its turn. */
  #watched(deep: boolean): string[] {
    const names = [...new Set([...this.#pages].flatMap(({ watching }) => watching ?? []))]
    if (!deep) return names.slice(0, 1)
    const from = names.length > watchersPerLook ? Math.floor(performance.now() / lookMs) * watchersPerLook : 0
    return names.slice(0, watchersPerLook).map((_, at) => names[(from + at) % names.length]!)
  }

  #put(next: State): void {
    const before = this.#state
    this.#state = next
    if (!before) {
      for (const page of this.#pages) if (page.isReady) this.#sendWhole(page)
      return
    }
    const patch = mergePatch(before as unknown as Tree, next as unknown as Tree)
    if (!patch) return
    this.#broadcast('patch', JSON.stringify(patch))
  }

  #lose(error: unknown): void {
    if (this.#circus.signal.aborted || this.#isGone) return
    this.#isGone = true
    this.#inquiry.forget()
    this.#log.warning(`the daemon does not answer: ${reasonOf(error)}`)
    if (this.#state) this.#put({ ...this.#state, daemon: { ...this.#state.daemon, up: false } })
    this.#tell('gone', { reason: reasonOf(error) })
  }

  #sendEvents(): void {
    if (this.#unsent.length === 0) return
    const message = { events: this.#unsent, ...(this.#dropped > 0 && { dropped: this.#dropped }) }
    this.#unsent = []
    this.#dropped = 0
    this.#broadcast('events', JSON.stringify(message))
  }

  #tell(event: string, data: object): void {
    this.#broadcast(event, JSON.stringify(data))
  }

  #broadcast(event: string, json: string): void {
    for (const page of this.#pages) this.#send(page, event, json)
  }

  #send(page: Page, event: string, json: string): void {
    if (!page.isReady) return
    if (page.stream.isBehind) {
      page.isBehind = true
      return
    }
    if (!page.isBehind) page.stream.send(event, json)
    else {
      page.isBehind = false
      this.#sendWhole(page)
    }
  }

  #sendWhole({ stream, watching }: Page): void {
    const state = this.#state ?? nothing
    const name = watching === undefined ? undefined : this.#nameOf(watching)
    const watcher = name === undefined ? undefined : state.watchers[name]
    const processes = watching === undefined ? undefined : this.#processes.get(watching)
    const whole =
      name !== undefined && watcher && processes
        ? { ...state, watchers: { ...state.watchers, [name]: { ...watcher, processes } } }
        : state
    stream.send('state', JSON.stringify(whole))
    if (this.#isGone) stream.send('gone', '{}')
  }

  #nameOf(key: string): string | undefined {
    return Object.keys(this.#state?.watchers ?? {}).find((name) => keyOf(name) === key)
  }
}

const nothing: State = {
  daemon: { up: false, endpoint: '', history: false },
  watchers: {},
  sockets: {},
  plugins: {},
  panels: {},
}

function withFigures(
  watchers: Readonly<Record<string, WatcherState>>,
  figures: Awaited<ReturnType<Inquiry['figures']>>,
): Record<string, WatcherState> {
  return Object.fromEntries(
    Object.entries(watchers).map(([name, watcher]) => {
      const told = figures.get(keyOf(name))
      return [name, told && watcher.alive > 0 ? { ...watcher, ...told } : watcher]
    }),
  )
}
