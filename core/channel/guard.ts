import type { Router, XPublisher } from 'zeromq'
import type { Role } from '../command/role.ts'
import { KernelError, reasonOf } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DaemonKeys } from './curve/daemon-keys.ts'
import { encodeKey } from './curve/z85.ts'
import { type Endpoint, isLoopback } from './endpoint.ts'
import { describePeers, mayConnect } from './peers.ts'
import { RefusalLog } from './refusals.ts'
import { type Admission, admit, type Newcomer } from './zap.ts'

/** Who may reach the channels of a daemon. */
export interface Access {
  /** File mode of the socket of an `ipc://` channel; for an abstract one, who it stands for. */
  readonly mode: number
  /** The user that socket is given to. */
  readonly owner: number | null
  /** `auth = curve`. */
  readonly keys: DaemonKeys | null
}

/** Without any configuration: `ipc://` is the daemon's user's and root's. */
export const privateAccess: Access = { mode: 0o600, owner: null, keys: null }

/** Who sent a request. */
export interface Caller {
  /** For the log and for messages: a key's name, or the channel. */
  readonly name: string
  readonly role: Role
}

/** Stands at one bound socket: decides who may connect, and knows who is asking. */
export class Guard {
  readonly #channel: string
  readonly #endpoint: Endpoint
  readonly #access: Access
  readonly #refusals: RefusalLog
  readonly #removalsBefore: number
  #anybody: Caller | undefined
  #endAdmission: (() => void) | undefined

  /** @param channel For the log: `control`, `events`. */
  constructor(channel: string, endpoint: Endpoint, access: Access, log: Log) {
    this.#channel = channel
    this.#endpoint = endpoint
    this.#access = access
    this.#refusals = new RefusalLog(log)
    this.#removalsBefore = access.keys?.removals ?? 0
  }

  /**
   * Set up a socket that is not bound yet.
   *
   * @throws ERR_INTERNAL when keys are wanted and cannot be checked.
   */
  protect(socket: XPublisher | Router): void {
    const { keys, mode } = this.#access
    const { transport } = this.#endpoint
    // Within a process there is no handshake at which to ask.
    if (transport === 'inproc') return
    if (keys) {
      socket.curveServer = true
      socket.curveSecretKey = keys.pair.secretKey
      socket.events.on('handshake:error:protocol', ({ error }) => this.#tellProtocolError(error))
    } else if (transport === 'tcp' || mode & 0o002) {
      return
    }
    const admission: Admission = (newcomer) => {
      const why = this.#objection(newcomer)
      if (why !== undefined) this.#refusals.add(`${this.#channel} channel: refused ${why}`)
      return why === undefined
    }
    try {
      const { domain, end } = admit(admission)
      socket.zapDomain = domain
      // Or libzmq lets everybody in whenever nobody answers its question.
      socket.zapEnforceDomain = true
      this.#endAdmission = end
    } catch (error) {
      if (keys) throw new KernelError('ERR_INTERNAL', [`keys cannot be checked: ${reasonOf(error)}`], { cause: error })
      this.#refusals.add(`${this.#channel} channel: nothing but the socket file's mode protects it: ${reasonOf(error)}`)
    }
  }

  /**
   * Who sent a request, as the list of keys stands now; the error to answer when the key is in it no more. `undefined`
   * when that cannot be told: a key was removed, and this client does not say which it has. Then the socket is to be
   * bound anew, so that all connect again, and are asked again.
   */
  callerOf(routingId: Buffer): Caller | KernelError | undefined {
    const { keys } = this.#access
    if (!keys || this.#endpoint.transport === 'inproc') {
      this.#anybody ??= { name: this.#channelName(), role: 'admin' }
      return this.#anybody
    }
    const key = keys.identify(routingId)
    if (key instanceof KernelError) {
      this.#refusals.add(`${this.#channel} channel: refused a request: ${key.message}`)
      return key
    }
    if (key) return { name: `key ${key.name}`, role: key.role }
    if (keys.removals !== this.#removalsBefore) return undefined
    return { name: 'a client that does not prove which key it has (SECURITY.md)', role: 'view' }
  }

  /** Who can use the channel, in words. */
  describe(): string {
    const { keys, mode, owner } = this.#access
    if (this.#endpoint.transport === 'inproc') return 'this process'
    if (keys) return `whoever has one of ${keys.list.listed.length} keys, as its role allows,`
    if (this.#endpoint.transport === 'ipc') return describePeers({ mode, owner, path: pathOf(this.#endpoint) })
    const { host } = this.#endpoint
    return isLoopback(host) ? 'every user of this machine' : `everybody who reaches ${host}`
  }

  /** The socket is closed. */
  release(): void {
    this.#endAdmission?.()
    this.#refusals.close()
  }

  #objection({ peer, address, key }: Newcomer): string | undefined {
    const { keys, mode, owner } = this.#access
    if (peer && this.#endpoint.transport === 'ipc') {
      if (!mayConnect({ mode, owner, path: pathOf(this.#endpoint) }, peer)) return `uid ${peer.uid} (pid ${peer.pid})`
    }
    if (!keys) return undefined
    const from = peer ? `uid ${peer.uid} (pid ${peer.pid})` : address
    if (!key) return `${from}: it has no key`
    return keys.admits(key) ? undefined : `${from}: its key ${encodeKey(key)} is not in ${keys.list.file}`
  }

  /** libzmq does not tell from where such a client came. */
  #tellProtocolError({ code }: { readonly code?: string }): void {
    const why =
      code === 'ERR_ZMTP_MECHANISM_MISMATCH'
        ? 'that came without a key'
        : code === 'ERR_ZMTP_CRYPTOGRAPHIC'
          ? 'that expects another server key'
          : `whose handshake was wrong (${code})`
    this.#refusals.add(`${this.#channel} channel: refused a client ${why}`)
  }

  #channelName(): string {
    const endpoint = this.#endpoint
    if (endpoint.transport === 'tcp') return `tcp ${endpoint.host}`
    if (endpoint.transport === 'inproc') return 'inproc'
    return `ipc, ${this.describe()}`
  }
}

function pathOf(endpoint: Endpoint): string | null {
  return endpoint.transport === 'ipc' && !endpoint.path.startsWith('@') ? endpoint.path : null
}
