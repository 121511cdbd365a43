import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type ClientKeys, sharedSecret } from './key-pair.ts'
import { decodeKey, encodeKey } from './z85.ts'

/**
 * zeromq gives a daemon no way to see with which key a request came. So a client says it in the routing id of its
 * connection, with a proof that only the owner of that key can make for this daemon: `CIRCUS1:` and, in base64, the
 * public key (32 bytes), a nonce (16), and HMAC-SHA256 over both (32), its secret being X25519 of the client's key and
 * the daemon's. CURVE keeps it from everybody's eyes but the daemon's.
 */
const mark = 'CIRCUS1:'
const keyBytes = 32
const nonceBytes = 16
const macBytes = 32

/** A routing id that proves to the daemon whose connection it is; another each time. */
export function prove({ publicKey, secretKey, serverKey }: ClientKeys): string {
  const claim = Buffer.concat([decodeKey(publicKey)!, randomBytes(nonceBytes)])
  return mark + Buffer.concat([claim, sign(claim, sharedSecret(secretKey, serverKey))]).toString('base64')
}

/** Checks the proofs of clients. */
export class ProofVerifier {
  readonly #secretKey: string
  readonly #secrets = new Map<string, Buffer>()
  readonly #proven = new Map<string, string>()

  /** @param secretKey the daemon's */
  constructor(secretKey: string) {
    this.#secretKey = secretKey
  }

  /**
   * The public key whose owner chose that routing id; `none` without a claim, `false` for one that is not proven.
   *
   * @param isListed Only for those is anything computed or remembered.
   */
  keyOf(routingId: Buffer, isListed: (publicKey: string) => boolean): string | 'none' | false {
    const text = routingId.toString('latin1')
    const known = this.#proven.get(text)
    if (known !== undefined) return known
    if (!text.startsWith(mark)) return 'none'
    const proof = Buffer.from(text.slice(mark.length), 'base64')
    if (proof.length !== keyBytes + nonceBytes + macBytes) return false
    const publicKey = encodeKey(proof.subarray(0, keyBytes))
    if (!isListed(publicKey)) return false
    const claim = proof.subarray(0, keyBytes + nonceBytes)
    const secret = this.#secretWith(publicKey)
    if (!secret || !timingSafeEqual(sign(claim, secret), proof.subarray(-macBytes))) return false
    remember(this.#proven, text, publicKey)
    return publicKey
  }

  #secretWith(publicKey: string): Buffer | undefined {
    const known = this.#secrets.get(publicKey)
    if (known) return known
    try {
      const secret = sharedSecret(this.#secretKey, publicKey)
      remember(this.#secrets, publicKey, secret)
      return secret
    } catch {
      // A key that anybody could have made (of low order) has no secret in common with anyone.
      return undefined
    }
  }
}

function sign(claim: Buffer, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update('circusd control channel').update(claim).digest()
}

/** Most connections come once: what is forgotten here is only computed again. */
const maxRemembered = 4_096

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= maxRemembered) map.clear()
  map.set(key, value)
}
