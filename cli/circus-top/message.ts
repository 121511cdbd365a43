import type { PublishedMessage } from '../../core/client.ts'
import { type Figures, fieldsOf, number, readFigures, text } from './figures.ts'

/** What one message of the statistics channel tells. */
export type Told =
  | { readonly id: 'process'; readonly watcher: string; readonly figures: Figures }
  | { readonly id: 'watcher'; readonly watcher: string; readonly pids: readonly number[]; readonly rest: WatcherRest }
  | { readonly id: 'helper'; readonly figures: Figures }
  | { readonly id: 'helpers'; readonly pids: readonly number[] }
  | { readonly id: 'socket'; readonly socket: SocketReading }

/** What is told of a watcher beside its processes. */
export interface WatcherRest {
  readonly restarts?: number | undefined
  /** Processes it should have. */
  readonly wanted?: number | undefined
}

/** What is known of a socket. */
export interface SocketReading {
  readonly fd: number | undefined
  readonly name?: string | undefined
  readonly address?: string | undefined
  /** How often it was found ready within the last second: the original's measure. */
  readonly hits?: number | undefined
  /** Connections that nobody has accepted yet, or datagram bytes that nobody has read. */
  readonly queue?: number | undefined
  /** How many may wait. */
  readonly limit?: number | undefined
  readonly watchers?: readonly string[] | undefined
}

/** Where the daemon and its helpers are told of. A watcher may have the same name: then messages of both come. */
const helpers = 'circus'

/** Read a message; `undefined` when it is none of those that a daemon, this one or an original one, publishes there. */
export function readMessage({ topic, payload }: PublishedMessage): Told | undefined {
  if (!topic.startsWith('stat.')) return undefined
  const path = topic.slice('stat.'.length)
  if (payload.subtopic === undefined) return readTotals(path, payload)
  const subtopic = `.${payload.subtopic}`
  if (!path.endsWith(subtopic)) return undefined
  const name = path.slice(0, -subtopic.length)
  const figures = readFigures(payload)
  if (!figures) {
    const socket = name === 'sockets' ? readSocket(payload) : undefined
    return socket && { id: 'socket', socket }
  }
  return name === helpers && figures.role !== undefined
    ? { id: 'helper', figures }
    : { id: 'process', watcher: name, figures }
}

function readTotals(watcher: string, payload: PublishedMessage['payload']): Told | undefined {
  if (!Array.isArray(payload.pid)) return undefined
  const pids = payload.pid.map(Number)
  if (watcher === helpers) return { id: 'helpers', pids }
  const rest = { restarts: number(payload.restarts), wanted: number(payload.numprocesses) }
  return { id: 'watcher', watcher, pids, rest }
}

function readSocket(payload: PublishedMessage['payload']): SocketReading | undefined {
  const fd = number(payload.fd)
  if (fd === undefined && text(payload.address) === undefined) return undefined
  return {
    fd,
    name: text(payload.name),
    address: text(payload.address),
    hits: number(payload.reads),
    queue: number(payload.queue) ?? number(payload.queue_bytes),
    limit: number(payload.queue_limit) ?? number(payload.limit) ?? number(payload.backlog),
  }
}

/** Read the reply of `listsockets`. */
export function readSockets(sockets: unknown): SocketReading[] {
  return Object.values(fieldsOf(sockets))
    .map(fieldsOf)
    .map((socket) => ({
      fd: number(socket.fd),
      name: text(socket.name),
      address: text(socket.path) ?? (text(socket.host) === undefined ? undefined : `${socket.host}:${socket.port}`),
      queue: number(socket.queue) ?? number(socket.queue_bytes),
      limit: number(socket.backlog),
      watchers: Array.isArray(socket.watchers) ? socket.watchers.map(String) : undefined,
    }))
}
