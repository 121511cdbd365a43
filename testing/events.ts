import type { Arbiter, CircusEvent } from '../core/index.ts'
import { Recorder, type Wanted } from './recorder.ts'

/**
 * The events of an arbiter in this process, each as it is published; and what else it announces, such as
 * `plugin.NAME.failure`, as an event `failure` of `plugin.NAME`.
 */
export class EventRecorder extends Recorder<CircusEvent> {
  constructor(arbiter: Arbiter) {
    super(({ watcher, event, payload }) => `${watcher}.${event} ${JSON.stringify(payload)}`)
    arbiter.hooks.event.tap('event recorder', (event) => this.add(event))
    arbiter.events.addSink((topic, payload) => {
      if (!topic.startsWith('watcher.')) this.add(announced(topic, payload as CircusEvent['payload']))
    })
  }

  /** Wait for `WATCHER.EVENT`, or the `count`-th of them. */
  event(name: string, options?: Wanted): Promise<CircusEvent> {
    return this.until((event) => `${event.watcher}.${event.event}` === name, options, name)
  }

  /** The names of the events of one watcher so far. */
  of(watcher: string): string[] {
    return this.all.filter((event) => event.watcher === watcher).map(({ event }) => event)
  }
}

function announced(topic: string, payload: CircusEvent['payload']): CircusEvent {
  const dot = topic.lastIndexOf('.')
  const time = Number(payload['time'])
  return { topic, watcher: topic.slice(0, dot), event: topic.slice(dot + 1), time, payload }
}
