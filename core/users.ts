/** Users of a program that lets people in by name and password: a file of names, roles and scrypt hashes. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { readTrusted } from './channel/curve/private-file.ts'
import { type Role, roles } from './command/role.ts'
import { KernelError } from './errors.ts'

/** One line of the file. */
export interface User {
  readonly name: string
  readonly role: Role
  /** `scrypt$N$r$p$SALT$KEY`, the last two in base64url. */
  readonly hash: string
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** What a new hash costs: 64 MB and a tenth of a second or so. */
const cost = { N: 65_536, r: 8, p: 1 }
const keyBytes = 32
/** A file may not ask for more: whoever logs in would take the memory of the machine. */
const mostMemory = 256 * 1024 * 1024

/** The hash of a password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password.normalize('NFC'), salt, keyBytes, options(cost))
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Whether it is that password. Takes as long for a `user` that is not there. */
export async function checkPassword(user: User | undefined, password: string): Promise<boolean> {
  const { parameters, salt, key } = read(user?.hash ?? nobody)!
  const tried = await derive(password.normalize('NFC'), salt, key.length, options(parameters))
  return timingSafeEqual(tried, key) && user !== undefined
}

/** Nobody's: no password has it. */
const nobody = ['scrypt', cost.N, cost.r, cost.p, 'A'.repeat(22), 'A'.repeat(43)].join('$')

/**
 * Who is in the file, by name. It may hold comments (`#`).
 *
 * @throws ERR_KEY_FILE_INVALID: malformed, or others may read or change it
 */
export function readUsers(file: string): Map<string, User> {
  const users = new Map<string, User>()
  const lines = readTrusted(file, { secret: true }).split('\n')
  for (const [index, text] of lines.entries()) {
    const line = text.trim()
    if (line === '' || line.startsWith('#')) continue
    const [name = '', role = '', hash = '', ...more] = line.split(/\s+/)
    const known = roles.find((each) => each === role)
    // Never the text itself: it may be a password with a slip of the finger in it.
    const wrong = (why: string) => new KernelError('ERR_KEY_FILE_INVALID', [file, index + 1, why])
    if (!known || !read(hash) || more.length > 0)
      throw wrong('write NAME ROLE HASH, as circusctl users add does; ROLE is view, operate or admin')
    if (users.has(name)) throw wrong(`${name} is there twice`)
    users.set(name, { name, role: known, hash })
  }
  return users
}

/**
 * Put somebody into the file, or change them; it is made when it is not there.
 *
 * @throws ERR_KEY_FILE_INVALID, ERR_KEY_EXISTS (unless `replace`)
 */
export async function addUser(
  file: string,
  { name, role, password, replace = false }: { name: string; role: Role; password: string; replace?: boolean },
): Promise<void> {
  if (!/^[\w.@-]{1,64}$/.test(name)) {
    throw new KernelError('ERR_KEY_FILE_INVALID', [file, 0, 'a name has letters, digits, and . @ _ -, at most 64'])
  }
  const users = existsSync(file) ? readUsers(file) : new Map<string, User>()
  if (users.has(name) && !replace) throw new KernelError('ERR_KEY_EXISTS', [`${file} has a user ${name} already`])
  users.set(name, { name, role, hash: await hashPassword(password) })
  write(file, users)
}

/** Take somebody out. Returns whether they were there. Throws ERR_KEY_FILE_INVALID. */
export function removeUser(file: string, name: string): boolean {
  const users = readUsers(file)
  if (!users.delete(name)) return false
  write(file, users)
  return true
}

/** At once or not at all: a console may be reading. */
function write(file: string, users: ReadonlyMap<string, User>): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const rows = [...users.values()].map(({ name, role, hash }) => `${name} ${role} ${hash}\n`)
  const draft = `${file}.${process.pid}.new`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeFileSync(
      descriptor,
      `# The users of a circusd's web console: circusctl users add|list|remove.\n${rows.join('')}`,
    )
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function read(hash: string) {
  const [, n, r, p, salt, key] = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]{16,})\$([\w-]{22,})$/.exec(hash) ?? []
  const parameters = { N: Number(n), r: Number(r), p: Number(p) }
  if (salt === undefined || key === undefined || 128 * parameters.N * parameters.r * parameters.p > mostMemory) return
  return { parameters, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') }
}

const options = (parameters: typeof cost): ScryptOptions => ({ ...parameters, maxmem: 2 * mostMemory })
