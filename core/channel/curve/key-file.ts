import { resolve } from 'node:path'
import { KernelError } from '../../errors.ts'
import { type ClientKeys, type KeyPair, publicKeyOf } from './key-pair.ts'
import { readTrusted } from './private-file.ts'
import { decodeKey } from './z85.ts'

/**
 * The daemon's key, from a file with the lines `public = KEY` and `secret = KEY`.
 *
 * @throws ERR_KEY_FILE_INVALID with the line.
 */
export function readServerKey(path: string): KeyPair {
  const { publicKey, secretKey } = parse(path, ['public', 'secret'])
  return { publicKey, secretKey }
}

/**
 * A client's key, from a file that also has a line `server = KEY`, the daemon's public one.
 *
 * @throws ERR_KEY_FILE_INVALID with the line.
 */
export function readClientKey(path: string): ClientKeys {
  return parse(path, ['public', 'secret', 'server'])
}

/** The text of a file for `readServerKey`. */
export function formatServerKey({ publicKey, secretKey }: KeyPair): string {
  return `# The key of a circusd. Whoever can read this file can pretend to be that daemon.
public = ${publicKey}
secret = ${secretKey}
`
}

/** The text of a file for `readClientKey`. */
export function formatClientKey({ publicKey, secretKey, serverKey }: ClientKeys, name: string): string {
  return `# The key of ${name} for a circusd, for circusctl --key or CIRCUS_KEY. Whoever can read this file is ${name} to that daemon.
public = ${publicKey}
secret = ${secretKey}
# The daemon's own, public key.
server = ${serverKey}
`
}

/** A key starts with any character but `#` (Z85 cannot), so a `#` at the start of a line is a comment. */
function parse(path: string, names: readonly string[]): ClientKeys {
  const wrong = (line: number, why: string) => new KernelError('ERR_KEY_FILE_INVALID', [resolve(path), line, why])
  const found = new Map<string, { readonly key: string; readonly line: number }>()
  for (const [index, text] of readTrusted(path, { secret: true }).split('\n').entries()) {
    const line = index + 1
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue
    const [, name, key] = /^\s*(\w+)\s*=\s*(\S+)\s*$/.exec(text) ?? []
    const isKnown = name !== undefined && names.includes(name)
    // A bare key may have a `=` in it: what stands before that is no name, and not to be told.
    if (key === undefined || (!isKnown && !decodeKey(key))) {
      throw wrong(line, `write ${names.join(', ')}, each as NAME = KEY`)
    }
    if (!isKnown) throw wrong(line, `'${name}' is none of ${names.join(', ')}`)
    if (found.has(name)) throw wrong(line, `${name} is there twice`)
    // Never the text itself: it may be a secret with a slip of the finger in it.
    if (!decodeKey(key)) throw wrong(line, `${name} is not a key: a key has 40 characters`)
    found.set(name, { key, line })
  }
  const missing = names.find((name) => !found.has(name))
  if (missing !== undefined) throw wrong(0, `the line ${missing} = KEY is missing`)
  const of = (name: string) => found.get(name)?.key ?? ''
  if (publicKeyOf(of('secret')) !== of('public')) {
    throw wrong(found.get('public')!.line, 'public and secret are not of one pair')
  }
  return { publicKey: of('public'), secretKey: of('secret'), serverKey: of('server') }
}
