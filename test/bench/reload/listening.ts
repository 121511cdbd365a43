import { boundAddress, listenOn, openSocket } from '../../../core/posix/socket.ts'

/** A descriptor that listens at a free port of this machine, and never accepts. */
export function listenAnywhere(backlog: number): { readonly fd: number; readonly port: number } {
  const plan = { type: 'SOCK_STREAM', proto: null, reusePort: false, interface: null, blocking: false } as const
  const fd = openSocket({ ...plan, address: { family: 'AF_INET', host: '127.0.0.1', port: 0 } }, null)
  listenOn(fd, backlog)
  const { port } = boundAddress(fd) as { port: number }
  return { fd, port }
}
