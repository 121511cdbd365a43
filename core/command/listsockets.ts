import { queueOf, type SocketQueue } from '../posix/socket-queue.ts'
import { flag, properties } from '../schema.ts'
import type { ManagedSocket } from '../sockets/managed-socket.ts'
import { defineCommand } from './command.ts'

/**
 * `listsockets`: the sockets the daemon has bound, by descriptor.
 *
 * Reply  `sockets: [{ fd, name, backlog, host and port, or path, queue?, queue_limit?, queue_bytes?, reads?, watchers }]`:
 *        `queue` counts the connections that nobody has accepted yet, `queue_limit` how many there can be, `queue_bytes`
 *        the datagrams that nobody has read; `watchers` are those whose processes get it. Where every process has a socket
 *        of its own, only its place is told: `fd` may be null. `reads`, when asked for: at how many looks, a hundred in a
 *        second, somebody waited there; what matters is how much it grows, and it grows while somebody asks.
 */
export const listsockets = defineCommand({
  name: 'listsockets',
  summary: 'List the sockets of the daemon.',
  readOnly: true,
  properties: properties({ reads: flag('how often somebody waited at each, too') }),
  execute({ arbiter }, { reads }) {
    if (reads) arbiter.sockets.reads.demand()
    const users = arbiter.watchers.map(({ name, options }) => [name, arbiter.sockets.usedBy(options)] as const)
    const sockets = arbiter.sockets.all.map((socket) => ({
      ...describe(socket),
      ...(reads && socket.isShared && { reads: arbiter.sockets.reads.of(socket) }),
      watchers: users.filter(([, used]) => used.includes(socket)).map(([name]) => name),
    }))
    return { sockets: sockets.sort((a, b) => (a.fd ?? 0) - (b.fd ?? 0)) }
  },
})

function describe({ fd, name, type, address, config, isShared }: ManagedSocket) {
  const { backlog } = config.options
  const place = address.family === 'AF_UNIX' ? { path: address.path } : { host: address.host, port: address.port }
  const queue = fd !== null && isShared ? queueOf(fd, type, address.family) : null
  return { fd, name, backlog, ...place, ...(queue && waiting(queue)) }
}

const waiting = (queue: SocketQueue): object =>
  'bytes' in queue ? { queue_bytes: queue.bytes } : { queue: queue.connections, queue_limit: queue.limit }
