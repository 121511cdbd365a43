import type { Hooks } from './hooks.ts'

/** Something that happened, as it is published (PROTOCOL.md, "Events"). */
export interface CircusEvent {
  /** `watcher.<watcher>.<event>` */
  readonly topic: string
  /** The watcher's name in lower case, blanks as `_`. */
  readonly watcher: string
  /** `spawn`, `reap`, `start`, … */
  readonly event: string
  /** Unix seconds. */
  readonly time: number
  /** Everything that goes over the wire, `time` included. */
  readonly payload: Readonly<Record<string, unknown>>
}

/** Carries an event to subscribers outside the daemon. Never throws, never waits. */
export type EventSink = (topic: string, payload: object) => void

/** The name a watcher (or a plugin) has in topics: lower case, blanks as `_`. */
export const topicName = (watcher: string): string => watcher.toLowerCase().replaceAll(' ', '_')

/** Publishes events to the `event` hook (plugins in the daemon) and to every sink (the event channel), in that order. */
export class EventBus {
  readonly #hooks: Hooks
  readonly #sinks = new Set<EventSink>()

  constructor(hooks: Hooks) {
    this.#hooks = hooks
  }

  /** Publish once what it tells is true. Fields of `payload` go over the wire as they are, with `time` added. */
  publish(watcherName: string, event: string, payload: Readonly<Record<string, unknown>> = {}): void {
    const watcher = topicName(watcherName)
    const time = Date.now() / 1000
    const topic = `watcher.${watcher}.${event}`
    const full = { ...payload, time }
    this.#hooks.event.call({ topic, watcher, event, time, payload: full })
    for (const sink of this.#sinks) sink(topic, full)
  }

  /** Publish what is no event of a watcher: on the event channel only, so that plugins do not hear of their own failures. */
  announce(topic: string, payload: object): void {
    for (const sink of this.#sinks) sink(topic, { ...payload, time: Date.now() / 1000 })
  }

  /** Add a way out. Returns how to take it away again. */
  addSink(sink: EventSink): () => void {
    this.#sinks.add(sink)
    return () => void this.#sinks.delete(sink)
  }
}
