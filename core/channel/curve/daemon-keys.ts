import type { Role } from '../../command/role.ts'
import { KernelError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { readServerKey } from './key-file.ts'
import { KeyList, type ListedKey } from './key-list.ts'
import { type ClientKeys, type KeyPair, makeKeyPair } from './key-pair.ts'
import { ProofVerifier } from './proof.ts'
import { encodeKey } from './z85.ts'

/** What a daemon with `auth = curve` has: its own key, and who else has one. */
export class DaemonKeys {
  readonly pair: KeyPair
  readonly list: KeyList
  /** How often keys have been taken out of the list. */
  removals = 0
  readonly #verifier: ProofVerifier

  /**
   * @param serverKey The file with the daemon's key.
   * @param clientKeys The file that lists the clients'.
   * @throws ERR_KEY_FILE_INVALID
   */
  constructor(serverKey: string, clientKeys: string, log: Log) {
    this.pair = readServerKey(serverKey)
    this.list = new KeyList(clientKeys, log)
    this.list.onRemoved(() => this.removals++)
    this.#verifier = new ProofVerifier(this.pair.secretKey)
  }

  /** Whether a client with that public key may connect. */
  admits(publicKey: Buffer): boolean {
    return this.list.find(encodeKey(publicKey)) !== undefined
  }

  /** Whose connection it is that has that routing id, as the list stands now; `undefined` when it does not say. */
  identify(routingId: Buffer): ListedKey | KernelError | undefined {
    this.list.refresh()
    const publicKey = this.#verifier.keyOf(routingId, (key) => this.list.get(key) !== undefined)
    if (publicKey === 'none') return undefined
    const { file } = this.list
    if (publicKey === false) return new KernelError('ERR_KEY_UNKNOWN', ['the key you claim to have', file])
    const key = this.list.get(publicKey)
    return key ?? new KernelError('ERR_KEY_UNKNOWN', [`your key ${this.list.nameOf(publicKey)}`, file])
  }

  /** A key for a program of the daemon's own. It is in no file, and good until `revoke`. */
  issue(name: string, role: Role): { readonly keys: ClientKeys; revoke(): void } {
    const pair = makeKeyPair()
    const revoke = this.list.issue({ publicKey: pair.publicKey, role, name })
    return { keys: { ...pair, serverKey: this.pair.publicKey }, revoke }
  }
}
