/**
 * Tells when descriptors become readable. On Linux all of them hang on one epoll descriptor, and only that one is known
 * to Node's event loop: a thousand watched processes cost a thousand kernel entries and no memory of libuv's.
 */
import koffi from 'koffi'
import { close, epollControl, epollCreate, epollWait, errno, systemError } from './libc.ts'

/** A descriptor that is being watched. */
export interface Watch {
  /** Must be called before the descriptor is closed. */
  end(): void
  /** From now on it does not keep this process alive. */
  unref(): void
}

/**
 * Call `onReadable` whenever `fd` is readable (level-triggered). It may be called once too often: read without blocking.
 * Watching keeps this process alive. Throws `ERR_SYSTEM_CALL`.
 */
export const watchReadable: (fd: number, onReadable: () => void) => Watch =
  process.platform === 'linux' ? watchWithEpoll : watchWithPoll

const EPOLL_CLOEXEC = 0o2000000
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLLIN = 1
/** What is left over is delivered in the next round of the event loop. */
const BATCH = 32
// The kernel packs `struct epoll_event` on x86-64 only.
const [EVENT_SIZE, DATA_OFFSET] = process.arch === 'x64' ? [12, 4] : [16, 8]

const listeners = new Map<number, () => void>()
/** The descriptors that keep this process alive. */
const vital = new Set<number>()
const event = Buffer.alloc(EVENT_SIZE)
const events = Buffer.alloc(EVENT_SIZE * BATCH)
let epoll: { readonly fd: number; readonly handle: ReturnType<typeof koffi.node.poll> } | undefined

function watchWithEpoll(fd: number, onReadable: () => void): Watch {
  epoll ??= open()
  event.writeUInt32LE(EPOLLIN, 0)
  event.writeInt32LE(fd, DATA_OFFSET)
  if (epollControl!(epoll.fd, EPOLL_CTL_ADD, fd, event) !== 0) throw systemError('epoll_ctl', `fd ${fd}`, errno())
  listeners.set(fd, onReadable)
  vital.add(fd)
  epoll.handle.ref()
  const unref = () => {
    if (listeners.get(fd) === onReadable && vital.delete(fd) && vital.size === 0) epoll!.handle.unref()
  }
  return {
    unref,
    end() {
      unref()
      if (listeners.get(fd) !== onReadable) return
      listeners.delete(fd)
      epollControl!(epoll!.fd, EPOLL_CTL_DEL, fd, event)
    },
  }
}

function open(): NonNullable<typeof epoll> {
  const fd = epollCreate!(EPOLL_CLOEXEC)
  if (fd < 0) throw systemError('epoll_create1', '', errno())
  try {
    const handle = koffi.node.poll(fd, { readable: true }, deliver)
    // While Node takes itself apart, it turns the event loop once more, and koffi 3.3 ends in an abort then.
    process.once('exit', () => handle.stop())
    return { fd, handle }
  } catch (error) {
    close(fd)
    throw error
  }
}

function deliver(): void {
  const count = epollWait!(epoll!.fd, events, BATCH, 0)
  // A listener may end or begin other watches: take the batch's descriptors out of the shared buffer first.
  const ready = Array.from({ length: Math.max(count, 0) }, (_, i) => events.readInt32LE(i * EVENT_SIZE + DATA_OFFSET))
  for (const fd of ready) {
    try {
      listeners.get(fd)?.()
    } catch (error) {
      // An uncaught exception like any other, and not one inside of koffi's callback.
      setImmediate(() => {
        throw error
      })
    }
  }
}

function watchWithPoll(fd: number, onReadable: () => void): Watch {
  const handle = koffi.node.poll(fd, { readable: true }, onReadable)
  return {
    unref: () => handle.unref(),
    end() {
      handle.stop()
      // Closing a handle inside its own callback crashes koffi 3.3.
      setImmediate(() => handle.close())
    },
  }
}
