import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeKey, encodeKey } from './z85.ts'

/** A CURVE key pair, each half as the 40 characters that ZeroMQ writes it in. */
export interface KeyPair {
  readonly publicKey: string
  readonly secretKey: string
}

/** What a client needs to connect: its own key, and the one that the daemon must have. */
export interface ClientKeys extends KeyPair {
  readonly serverKey: string
}

/** A new key pair. */
export function makeKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync('x25519')
  const secretKey = encodeKey(privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32))
  return { publicKey: publicKeyOf(secretKey), secretKey }
}

/** The public half of a secret key. */
export function publicKeyOf(secretKey: string): string {
  const key = createPublicKey(privateKey(secretKey) as unknown as string)
  return encodeKey(key.export({ format: 'der', type: 'spki' }).subarray(-32))
}

/** What two key pairs have in common: the same from each side, and known to nobody else. */
export function sharedSecret(secretKey: string, publicKey: string): Buffer {
  return diffieHellman({ privateKey: privateKey(secretKey), publicKey: publicKeyObject(publicKey) })
}

// A raw X25519 key is the end of its DER form; what comes before is always the same.
const pkcs8Head = Buffer.from('302e020100300506032b656e04220420', 'hex')
const spkiHead = Buffer.from('302a300506032b656e032100', 'hex')

function privateKey(text: string): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, bytes(text)]), format: 'der', type: 'pkcs8' })
}

function publicKeyObject(text: string): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiHead, bytes(text)]), format: 'der', type: 'spki' })
}

function bytes(text: string): Buffer {
  const key = decodeKey(text)
  if (!key) throw new TypeError('not a CURVE key')
  return key
}
