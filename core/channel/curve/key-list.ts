import { type BigIntStats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Role, roles } from '../../command/role.ts'
import { KernelError, reasonOf } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { readTrusted } from './private-file.ts'
import { decodeKey } from './z85.ts'

/** One client that may connect. */
export interface ListedKey {
  readonly publicKey: string
  readonly role: Role
  readonly name: string
}

/** How often the file is looked at when nobody asks, so that subscribers whose key was removed are sent away. */
const lookMs = 1_000

/**
 * Who may connect: the lines `PUBLICKEY ROLE NAME` of a file, which is read again whenever it has changed, and the keys
 * that the daemon itself gave out. A file that cannot be used any more is told in the log, and the last good state of it
 * stays in force: nobody is locked out by a slip, and nobody gets in by one. An empty file locks everybody out.
 */
export class KeyList {
  readonly file: string
  readonly #log: Log
  readonly #issued = new Map<string, ListedKey>()
  /** Names of keys that were removed, for messages. */
  readonly #former = new Map<string, string>()
  readonly #onRemoved: (() => void)[] = []
  #listed: ReadonlyMap<string, ListedKey>
  #signature: string
  /** Why the file cannot be used as it is. The reason may lie elsewhere, in its folder say, so it is tried again. */
  #flaw: string | undefined
  #timer: NodeJS.Timeout | undefined

  /** @throws ERR_KEY_FILE_INVALID with the line. */
  constructor(file: string, log: Log) {
    this.file = resolve(file)
    this.#log = log
    this.#signature = signatureOf(this.file)
    this.#listed = byKey(parseKeyList(readTrusted(this.file, { secret: false }), this.file))
  }

  /** Those in the file. */
  get listed(): readonly ListedKey[] {
    return [...this.#listed.values()]
  }

  /** Who has that key, as the file stands now. */
  find(publicKey: string): ListedKey | undefined {
    this.refresh()
    return this.get(publicKey)
  }

  /** Who has that key, as the file stood when it was last looked at. */
  get(publicKey: string): ListedKey | undefined {
    return this.#listed.get(publicKey) ?? this.#issued.get(publicKey)
  }

  /** What the key is or was called; the key itself when it never was in the file. */
  nameOf(publicKey: string): string {
    return this.#listed.get(publicKey)?.name ?? this.#former.get(publicKey) ?? publicKey
  }

  /** Let one more in, for as long as this daemon lives. Returns how to take that back. */
  issue(key: ListedKey): () => void {
    this.#issued.set(key.publicKey, key)
    return () => void this.#issued.delete(key.publicKey)
  }

  /** Called, soon after, when a key was taken out of the file. */
  onRemoved(listener: () => void): void {
    this.#onRemoved.push(listener)
  }

  /** Look at the file now and then, until `close`. */
  watch(): void {
    this.#timer ??= setInterval(() => this.refresh(), lookMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Read the file again if it has changed. Never throws. */
  refresh(): void {
    const signature = signatureOf(this.file)
    const isSame = signature === this.#signature
    if (isSame && this.#flaw === undefined) return
    this.#signature = signature
    const before = this.#listed
    try {
      this.#listed = byKey(parseKeyList(readTrusted(this.file, { secret: false }), this.file))
    } catch (error) {
      const flaw = reasonOf(error)
      if (!isSame || flaw !== this.#flaw) this.#log.error(`${flaw}; the keys that were in it before remain in force`)
      this.#flaw = flaw
      return
    }
    this.#flaw = undefined
    this.#log.info(`${this.file} was read again: ${this.#listed.size} keys`)
    const removed = [...before.values()].filter(({ publicKey }) => !this.#listed.has(publicKey))
    for (const { publicKey, name, role } of removed) {
      this.#former.set(publicKey, name)
      this.#log.info(`the key ${name} (${role}) was removed`)
    }
    if (removed.length > 0) for (const listener of this.#onRemoved) listener()
  }
}

/**
 * The keys in the text of such a file.
 *
 * @param file For messages.
 * @throws ERR_KEY_FILE_INVALID with the line.
 */
export function parseKeyList(text: string, file: string): ListedKey[] {
  const keys = new Map<string, ListedKey>()
  const names = new Set<string>()
  for (const [index, row] of text.split('\n').entries()) {
    const wrong = (why: string) => new KernelError('ERR_KEY_FILE_INVALID', [file, index + 1, why])
    const fields = row.trim()
    if (fields === '' || fields.startsWith('#')) continue
    const [publicKey = '', role = '', name = '', ...more] = fields.split(/\s+/)
    if (!decodeKey(publicKey)) throw wrong('a line is PUBLICKEY ROLE NAME, and this does not begin with a public key')
    if (!isRole(role)) throw wrong(`'${role}' is no role: ${roles.join(', ')}`)
    if (!isKeyName(name) || more.length > 0) throw wrong(`after the role comes a name of ${nameForm}`)
    if (keys.has(publicKey)) throw wrong('this key is there twice')
    if (names.has(name)) throw wrong(`the name ${name} is there twice`)
    keys.set(publicKey, { publicKey, role, name })
    names.add(name)
  }
  return [...keys.values()]
}

/** Whether a key may be called that: the name goes into logs and file names. */
export const isKeyName = (name: string): boolean => /^[\p{L}\d][\p{L}\d._@-]{0,63}$/u.test(name)

/** What `isKeyName` takes, in words. */
export const nameForm = 'letters, digits and . _ @ -, at most 64'

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text)
}

function byKey(keys: readonly ListedKey[]): ReadonlyMap<string, ListedKey> {
  return new Map(keys.map((key) => [key.publicKey, key]))
}

/** Changes with whatever is done to the file; a replaced one has another inode, a chmod another ctime. */
function signatureOf(file: string): string {
  let stat: BigIntStats | undefined
  try {
    stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
  return stat ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : 'missing'
}
