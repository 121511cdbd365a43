import { assertSecure } from '../channel/endpoint.ts'
import { type Access, privateAccess } from '../channel/guard.ts'
import { Publisher } from '../channel/publisher.ts'
import type { SharedAccess } from '../channel/shared-access.ts'
import type { Log } from '../log.ts'

/** The stats channel, open. */
export interface StatsChannel {
  /** With the real port. */
  readonly endpoint: string
  /** Send to whoever has subscribed to a beginning of the topic. Never throws, never waits. */
  publish(topic: string, payload: object): void
  /** Stop listening. It closes with the plugin as well. */
  close(): Promise<void>
}

/** How a plugin wants it. */
export interface StatsChannelOptions {
  /** @default `stats_endpoint` of the daemon's configuration */
  readonly endpoint?: string | undefined
  /** Called whenever what is subscribed to has changed, with the beginnings of topics that somebody wants. */
  readonly onSubscriptions?: (subscriptions: ReadonlySet<string>) => void
}

/** What a daemon says of its stats channel: where it is, and who may listen. */
export interface StatsPlace {
  /** Of the configuration. */
  readonly endpoint: string
  readonly access: Access
  /** Whether it may be where others than this machine reach it. */
  readonly allowExposed: boolean
}

/** The same for a process beside the daemon. */
export interface SharedStatsPlace extends Omit<StatsPlace, 'access'> {
  readonly access: SharedAccess
}

/** Where there is no daemon that says more. */
export const usualStatsPlace: StatsPlace = {
  endpoint: 'tcp://127.0.0.1:5557',
  access: privateAccess,
  allowExposed: process.env['CIRCUS_ALLOW_INSECURE'] === '1',
}

/** Open the stats channel. Rejects with `ERR_ENDPOINT_…`. */
export async function openStatsChannel(
  place: StatsPlace,
  { endpoint = place.endpoint, onSubscriptions = () => {} }: StatsChannelOptions,
  log: Log,
): Promise<StatsChannel> {
  const option = 'stats_endpoint'
  assertSecure(option, endpoint, place.allowExposed)
  const { access } = place
  const publisher = new Publisher({ endpoint, option, channel: 'stats', log, access, onSubscriptions })
  const real = await publisher.bind()
  log.info(`stats at ${real}`)
  return {
    endpoint: real,
    // Nothing of it is secret, and looking for secrets would cost more than all the rest.
    publish: (topic, payload) => publisher.publishText(topic, JSON.stringify(payload)),
    close: () => publisher.close(),
  }
}
