import { chownSync } from 'node:fs'
import { Controller, type Dispatch } from './channel/controller.ts'
import { assertSecure, parseEndpoint } from './channel/endpoint.ts'
import { Publisher } from './channel/publisher.ts'
import type { CircusOptions } from './config/index.ts'
import type { Log } from './log.ts'

/** Where the channels of a daemon are. */
export interface Endpoints {
  readonly control: string
  readonly events: string
}

/** The control and the event channel of a daemon, bound and closed together. */
export class Channels {
  readonly #circus: CircusOptions
  readonly #controller: Controller
  readonly #publisher: Publisher

  constructor(circus: CircusOptions, dispatch: Dispatch, log: Log) {
    this.#circus = circus
    this.#controller = new Controller({ endpoint: circus.endpoint, dispatch, log })
    this.#publisher = new Publisher({ endpoint: circus.pubsub_endpoint, log })
  }

  /**
   * Bind both. Resolves to where they really are. `owner` gets the socket file of an `ipc://` control channel.
   * Rejects with `ERR_ENDPOINT_…`; call `close` then.
   */
  async bind(owner: number | null): Promise<Endpoints> {
    const { endpoint, pubsub_endpoint, allow_insecure } = this.#circus
    const allow = allow_insecure || process.env['CIRCUS_ALLOW_INSECURE'] === '1'
    assertSecure('endpoint', endpoint, allow)
    assertSecure('pubsub_endpoint', pubsub_endpoint, allow)
    const control = await this.#controller.bind()
    const bound = parseEndpoint('endpoint', control)
    if (owner !== null && bound.transport === 'ipc') chownSync(bound.path, owner, -1)
    return { control, events: await this.#publisher.bind() }
  }

  /** Publish on the event channel. Never throws, never waits. */
  publish(topic: string, payload: object): void {
    this.#publisher.publish(topic, payload)
  }

  /** Send what waits to be sent, and close both. */
  async close(): Promise<void> {
    // First the controller: the reply to `quit` tells a client that nothing comes after it.
    await this.#controller.close()
    await this.#publisher.close()
  }
}
