import type { Arbiter, CircusEvent } from '../../core/index.ts'
import { Recorder } from './recorder.ts'

/** The events of an arbiter in this process, each as it is published. */
export class EventRecorder extends Recorder<CircusEvent> {
  constructor(arbiter: Arbiter) {
    super(({ watcher, event, payload }) => `${watcher}.${event} ${JSON.stringify(payload)}`)
    arbiter.hooks.event.tap('event recorder', (event) => this.add(event))
  }

  /** Wait for `WATCHER.EVENT`, or the `count`-th of them. */
  event(name: string, options?: { readonly count?: number; readonly from?: number }): Promise<CircusEvent> {
    return this.until((event) => `${event.watcher}.${event.event}` === name, options)
  }

  /** The names of the events of one watcher so far. */
  of(watcher: string): string[] {
    return this.all.filter((event) => event.watcher === watcher).map(({ event }) => event)
  }
}
