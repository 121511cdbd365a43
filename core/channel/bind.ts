import { lchownSync, lstatSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Router, XPublisher } from 'zeromq'
import { KernelError, reasonOf } from '../errors.ts'
import { type Endpoint, parseEndpoint } from './endpoint.ts'
import { flushAndClose } from './flush.ts'
import { assertFree } from './occupant.ts'

/** A bound socket: its real endpoint, and the way to give the endpoint back. */
export interface Binding {
  /** With the port that was chosen for `*`. */
  readonly endpoint: string
  readonly transport: Endpoint['transport']
  /** Close the socket once what was sent has left, after `limitMs` at most, and remove the socket file. */
  close(limitMs: number): Promise<void>
}

/** Who gets the socket file of an `ipc://` endpoint. */
export interface SocketFile {
  /** Its mode, from its first moment on. */
  readonly mode: number
  /** The user it is given to; `null`: it stays this one's. */
  readonly owner: number | null
}

/**
 * Bind a socket, and never by taking the endpoint away from a live daemon.
 *
 * @throws ERR_ENDPOINT_IN_USE, ERR_ENDPOINT_INVALID
 */
export async function bind(
  socket: XPublisher | Router,
  option: string,
  text: string,
  { mode, owner }: SocketFile,
): Promise<Binding> {
  const endpoint = parseEndpoint(option, text)
  if (endpoint.transport === 'ipc') await assertFree(option, text)
  socket.ipv6 = endpoint.transport === 'tcp' && endpoint.host.includes(':')
  const isIpc = endpoint.transport === 'ipc'
  // A chmod afterwards would leave a moment in which others can connect.
  const umask = isIpc ? process.umask(0o777 & ~mode) : undefined
  try {
    // Not bind(): that runs in a thread of its own, and a socket must not be used from two.
    socket.bindSync(text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      await assertFree(option, text)
      throw new KernelError('ERR_ENDPOINT_IN_USE', [option, text, 'another program uses that address'], {
        cause: error,
      })
    }
    throw new KernelError('ERR_ENDPOINT_INVALID', [option, text, explain(endpoint, error)], { cause: error })
  } finally {
    if (umask !== undefined) process.umask(umask)
  }
  const real = socket.lastEndpoint ?? text
  const file = isIpc && !endpoint.path.startsWith('@') ? endpoint.path : undefined
  // Not chown: whoever may write to the folder could have put a link there.
  if (file && owner !== null) {
    try {
      lchownSync(file, owner, -1)
    } catch (error) {
      rmSync(file, { force: true })
      const why = `the socket cannot be given to uid ${owner} (endpoint_owner): ${reasonOf(error)}`
      throw new KernelError('ERR_ENDPOINT_INVALID', [option, text, why], { cause: error })
    }
  }
  const identity = file && identityOf(file)
  return {
    endpoint: real,
    transport: endpoint.transport,
    async close(limitMs) {
      // Gives an inproc name free at once, which closing does a moment later. (To libzmq this is unbinding too;
      // zeromq 6.8's unbindSync is bindSync by mistake.)
      if (endpoint.transport === 'inproc') socket.disconnect(real)
      await flushAndClose(socket, endpoint.transport, limitMs)
      // libzmq leaves the file behind; one that a successor has put there in the meantime is not ours to remove.
      if (file && identityOf(file) === identity) rmSync(file, { force: true })
    },
  }
}

/** An inode's number is soon used again, hence the time it was made. */
function identityOf(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false, bigint: true })
  return stat && `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`
}

function explain(endpoint: Endpoint, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (endpoint.transport === 'ipc') {
    const folder = dirname(endpoint.path)
    if (code === 'ENOENT') return `there is no folder ${folder}`
    if (code === 'EACCES' || code === 'EPERM') return `no permission to make a socket in ${folder}`
    if (code === 'EROFS') return `${folder} is on a read-only file system`
  }
  if (endpoint.transport === 'tcp') {
    if (code === 'EACCES') return `only root may bind port ${endpoint.port}`
    if (code === 'EADDRNOTAVAIL' || code === 'ENODEV') return `this machine has no address ${endpoint.host}`
  }
  return reasonOf(error)
}
