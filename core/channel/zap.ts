import { setTimeout as sleep } from 'node:timers/promises'
import type { Router } from 'zeromq'
import { reasonOf } from '../errors.ts'
import { zeromq } from './zeromq.ts'

/** The process at the other end of an `ipc://` connection, as the system tells it. */
export interface Peer {
  readonly uid: number
  readonly gid: number
  readonly pid: number
}

/** A client that wants to connect to a channel. */
export interface Newcomer {
  /** `null` where there is none, or this platform does not tell. */
  readonly peer: Peer | null
  /** Its address without the port, as libzmq gives no more; empty for `ipc://`. */
  readonly address: string
  /** Its CURVE public key; `null` when the channel asks for none. */
  readonly key: Buffer | null
}

/** Whether a newcomer may connect. */
export type Admission = (newcomer: Newcomer) => boolean

/** Where libzmq asks about newcomers, fixed by its RFC 27: one place for all sockets of a process. */
const place = 'inproc://zeromq.zap.01'

const admissions = new Map<string, Admission>()
let handler: Router | undefined
let domains = 0

/**
 * Have libzmq ask about each newcomer of the sockets that are given the `domain` returned (as `zapDomain`, before they
 * are bound). Call `end` when those sockets are closed.
 *
 * Throws when the program has a ZAP handler of its own.
 */
export function admit(admission: Admission): { readonly domain: string; end(): void } {
  if (!handler) {
    const { Router } = zeromq()
    const socket = new Router()
    socket.linger = 0
    // An answer that cannot be given at once is one to a client that is gone.
    socket.sendTimeout = 0
    try {
      socket.bindSync(place)
    } catch (error) {
      socket.close()
      throw new Error(`this program has a ZAP handler of its own (${reasonOf(error)})`)
    }
    handler = socket
    void answer(socket)
  }
  const domain = `circusd-${++domains}`
  admissions.set(domain, admission)
  return {
    domain,
    end() {
      admissions.delete(domain)
      if (admissions.size > 0 || !handler) return
      // Gives the name free at once; closing does that a moment later.
      handler.disconnect(place)
      handler.close()
      handler = undefined
    },
  }
}

async function answer(socket: Router): Promise<void> {
  while (!socket.closed) {
    let frames: Buffer[]
    try {
      frames = await socket.receive()
    } catch {
      if (!socket.closed) await sleep(100) // nobody gets in meanwhile
      continue
    }
    const [asker, delimiter, version, id, domain, address, , mechanism, key] = frames as [Buffer, ...Buffer[]]
    const newcomer = { ...parseAddress(String(address)), key: String(mechanism) === 'CURVE' && key ? key : null }
    const verdict = allows(admissions.get(String(domain)), newcomer) ? ['200', 'OK'] : ['400', 'refused']
    socket.send([asker, delimiter!, version!, id!, ...verdict, '', '']).catch(() => {})
  }
}

/** Whoever cannot be judged is refused. */
function allows(admission: Admission | undefined, newcomer: Newcomer): boolean {
  try {
    return admission?.(newcomer) ?? false
  } catch {
    return false
  }
}

/** `10.0.0.7`, or for `ipc://` `localhost:UID:GID:PID` (libzmq 4.3.5; without the pid on macOS). */
function parseAddress(text: string): { address: string; peer: Peer | null } {
  const [, uid, gid, pid] = /^(?:localhost)?:(\d+):(\d*):(\d*)$/.exec(text) ?? []
  if (uid === undefined) return { address: text, peer: null }
  return { address: '', peer: { uid: Number(uid), gid: Number(gid || -1), pid: Number(pid || 0) } }
}
