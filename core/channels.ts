import { resolve } from 'node:path'
import { Controller, type Dispatch } from './channel/controller.ts'
import type { ClientKeys } from './channel/curve/key-pair.ts'
import { keyFolder } from './channel/curve/key-source.ts'
import { assertSecure } from './channel/endpoint.ts'
import type { Access } from './channel/guard.ts'
import { Publisher } from './channel/publisher.ts'
import { readSharedAccess, type SharedAccess } from './channel/shared-access.ts'
import type { Role } from './command/role.ts'
import type { CircusOptions } from './config/index.ts'
import type { Log } from './log.ts'
import { OutputTopics } from './output/output-topics.ts'
import type { OutputPiece } from './output/stream.ts'
import type { StatsPlace } from './plugin/stats-channel.ts'

/** Where the channels of a daemon are. */
export interface Endpoints {
  readonly control: string
  readonly events: string
}

/** What the channels of a daemon are made from. */
export interface ChannelsOptions {
  readonly circus: CircusOptions
  readonly dispatch: Dispatch
  readonly log: Log
  /** Relative paths of keys start here. */
  readonly folder: string
  /** The user that `ipc://` socket files are given to. */
  readonly owner: number | null
}

/** The control and the event channel of a daemon, bound and closed together. */
export class Channels {
  readonly #options: ChannelsOptions
  #access: Access
  #controller: Controller | undefined
  #publisher: Publisher | undefined
  readonly #output = new OutputTopics((topic, text) => this.#publisher?.publishText(topic, text))

  constructor(options: ChannelsOptions) {
    this.#options = options
    this.#access = { mode: options.circus.endpoint_mode, owner: options.owner, keys: null }
  }

  /** Where the stats channel is to be, with the same keys as the others. */
  get stats(): StatsPlace {
    return { endpoint: this.#options.circus.stats_endpoint, access: this.#access, allowExposed: this.#allowExposed }
  }

  /** What a process beside this one needs, to let in whom this one lets in. */
  get sharedAccess(): SharedAccess {
    const { circus, owner } = this.#options
    const at = (path: string | null, name: string) => resolve(this.#options.folder, path ?? resolve(keyFolder(), name))
    const keys = { server: at(circus.server_key, 'server.key'), clients: at(circus.client_keys, 'clients') }
    return { mode: circus.endpoint_mode, owner, keys: circus.auth === 'curve' ? keys : null }
  }

  /**
   * Bind both. Resolves to where they really are. Rejects with `ERR_ENDPOINT_…` or `ERR_KEY_FILE_INVALID`; call `close`
   * then.
   */
  async bind(): Promise<Endpoints> {
    const { circus, dispatch, log } = this.#options
    const { endpoint, pubsub_endpoint } = circus
    assertSecure('endpoint', endpoint, this.#allowExposed)
    assertSecure('pubsub_endpoint', pubsub_endpoint, this.#allowExposed)
    this.#access = await readSharedAccess(this.sharedAccess, log)
    const access = this.#access
    this.#controller = new Controller({ endpoint, dispatch, log, access })
    this.#publisher = new Publisher({
      endpoint: pubsub_endpoint,
      log,
      access,
      onSubscriptions: (beginnings) => this.#output.want(beginnings),
    })
    const control = await this.#controller.bind()
    const events = await this.#publisher.bind()
    const who = this.#controller.audience
    log.info(`${who} can control this daemon (endpoint ${control}): see SECURITY.md`)
    return { control, events }
  }

  /** Publish on the event channel. Never throws, never waits. */
  publish(topic: string, payload: object): void {
    this.#publisher?.publish(topic, payload)
  }

  /** Publish what a process wrote, if somebody has subscribed to it; `sequence`: how many bytes it had written with it. */
  publishOutput(piece: OutputPiece, sequence: number): void {
    this.#output.add(piece, sequence)
  }

  /** Keys for a program of the daemon's own, good until `revoke`; `undefined` where none are needed. */
  issueKeys(name: string, role: Role): { readonly keys: ClientKeys; revoke(): void } | undefined {
    return this.#access.keys?.issue(name, role)
  }

  /** Read the list of keys again, if it has changed. */
  refresh(): void {
    this.#access.keys?.list.refresh()
  }

  /** Send what waits to be sent, and close both. */
  async close(): Promise<void> {
    this.#access.keys?.list.close()
    // First the controller: the reply to `quit` tells a client that nothing comes after it.
    await this.#controller?.close()
    await this.#publisher?.close()
  }

  /** Whether channels may be where others than this machine reach them. */
  get #allowExposed(): boolean {
    const { auth, allow_insecure } = this.#options.circus
    return auth === 'curve' || allow_insecure || process.env['CIRCUS_ALLOW_INSECURE'] === '1'
  }
}
