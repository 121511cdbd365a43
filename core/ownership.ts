import type { WatcherConfig, WatcherOptions } from './config/index.ts'
import { changeOptions } from './config/index.ts'
import { KernelError } from './errors.ts'
import { groupByName, type User, userById, userByName } from './posix/users.ts'
import type { Watcher } from './watcher.ts'

/**
 * What `endpoint_owner` means for those who can reach the control channel: they can make nothing run as anybody else.
 * Without that option everything is allowed.
 */
export class Ownership {
  readonly #owner: User | null

  /** Throws `ERR_OPTION_INVALID` for a user this machine does not have. */
  constructor(endpointOwner: string | null) {
    this.#owner = endpointOwner === null ? null : findUser(endpointOwner)
    if (endpointOwner !== null && this.#owner === null) {
      throw new KernelError('ERR_OPTION_INVALID', ['endpoint_owner', 'a user of this machine', endpointOwner])
    }
  }

  /** The owner's number, for the socket file; `null` without one. */
  get uid(): number | null {
    return this.#owner?.uid ?? null
  }

  /** Throws `ERR_FORBIDDEN` for a watcher that would not run as the owner. */
  allowAdd({ options }: WatcherConfig): void {
    if (!this.#owner) return
    this.#demandOwn(options)
    if (options.copy_env) this.#refuseEnvironment()
  }

  /** Throws `ERR_FORBIDDEN` for a change that would make something run as another user, or change what another runs. */
  allowSet(watcher: Watcher, changes: Readonly<Record<string, unknown>>): void {
    if (!this.#owner) return
    this.#demandOwn(watcher.options)
    const { options } = changeOptions(watcher.config, changes).config
    this.#demandOwn(options)
    if (options.copy_env && !watcher.options.copy_env) this.#refuseEnvironment()
  }

  /** What the daemon has in its environment is not for the owner to read. */
  #refuseEnvironment(): never {
    throw forbidden('copy_env cannot be set', this.#owner!)
  }

  #demandOwn({ uid, gid, hooks, stdout_stream, stderr_stream }: WatcherOptions): void {
    const { name, uid: own, gid: ownGroup } = this.#owner!
    const refuse = (why: string) => {
      throw forbidden(why, this.#owner!)
    }
    if (uid === null || findUser(uid)?.uid !== own) refuse(`uid must be ${name}`)
    if (gid !== null && findGroup(gid) !== ownGroup) refuse(`gid must be ${name}'s own`)
    // Hooks run, and files are written, as the daemon itself.
    if (Object.keys(hooks).length > 0) refuse('hooks.* cannot be set')
    for (const stream of [stdout_stream, stderr_stream]) {
      if (Object.keys(stream).length > 0) refuse('output streams cannot be set')
    }
  }
}

function forbidden(why: string, { name }: User): KernelError {
  return new KernelError('ERR_FORBIDDEN', [`${why}: this endpoint belongs to ${name} (endpoint_owner)`])
}

function findUser(name: string | number): User | null {
  const number = Number(name)
  if (!Number.isInteger(number)) return userByName(String(name))
  return userById(number) ?? { name: String(number), uid: number, gid: number }
}

function findGroup(name: string | number): number | undefined {
  const number = Number(name)
  return Number.isInteger(number) ? number : groupByName(String(name))?.gid
}
