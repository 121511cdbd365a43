import { type ClientKeys, EventSubscriber } from '../../../core/index.ts'
import { Recorder } from '../../harness/index.ts'

/** One message of the stats channel. */
export interface Heard {
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Everything somebody heard on a stats channel, in its order. Leaving its scope ends that. */
export class StatsListener extends Recorder<Heard> implements AsyncDisposable {
  readonly #subscriber: EventSubscriber
  readonly #done: Promise<void>

  private constructor(subscriber: EventSubscriber) {
    super(({ topic, payload }) => `${topic} ${JSON.stringify(payload)}`)
    this.#subscriber = subscriber
    this.#done = this.#listen()
  }

  /** @param topics Beginnings of topics. */
  static async at(endpoint: string, topics: readonly string[] = ['stat.'], keys?: ClientKeys): Promise<StatsListener> {
    const listener = new StatsListener(new EventSubscriber({ endpoint, topics, keys }))
    try {
      await listener.#subscriber.ready()
      return listener
    } catch (error) {
      await listener[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The payload of the next message about that, or the `count`-th, of those that are still to come. */
  async next(topic: string, count = 1): Promise<Heard['payload']> {
    return (await this.until((heard) => heard.topic === topic, { count, from: this.all.length })).payload
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#subscriber.close()
    await this.#done
  }

  async #listen(): Promise<void> {
    try {
      for await (const message of this.#subscriber.messages()) this.add(message)
    } catch {
      // Refused: whoever waits for something learns that it does not come.
    }
  }
}
