import { statSync } from 'node:fs'
import { type Log, loadUsers, reasonOf } from '../../core/plugin.ts'
import type { Auth, Login } from './api.ts'
import { ConsoleError } from './errors.ts'
import { isSame, newSecret, type Person } from './sessions.ts'
import type { Settings } from './settings.ts'
import { Slowdown } from './slowdown.ts'

type UserFiles = Awaited<ReturnType<typeof loadUsers>>
type Users = ReturnType<UserFiles['readUsers']>

/** Passwords that may wait to be checked; each takes 64 MB for a tenth of a second. */
const mostWaiting = 20

/** Decides who gets in. */
export class Logins {
  readonly auth: Auth
  /** The link of the log has it. */
  readonly token = newSecret()
  readonly #file: string | undefined
  readonly #log: Log
  readonly #slowdown = new Slowdown()
  readonly #files: UserFiles
  #users: Users = new Map()
  #usersFrom = ''
  #turn: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #isOpen = false

  /** Rejects with `ERR_KEY_FILE_INVALID` when the users' file cannot be used. */
  static async of(settings: Settings, log: Log): Promise<Logins> {
    return new Logins(settings, log, await loadUsers())
  }

  private constructor({ auth, users }: Settings, log: Log, files: UserFiles) {
    this.auth = auth
    this.#file = auth === 'users' ? users : undefined
    this.#log = log
    this.#files = files
    if (this.#file !== undefined) this.#users = files.readUsers(this.#file)
  }

  /** From now on nobody has to log in, with `none`: it listens where only this machine comes. */
  letAnybodyIn(): void {
    this.#isOpen = true
  }

  /** Whoever comes where nobody logs in. */
  get anybody(): Person | undefined {
    return this.auth === 'none' && this.#isOpen ? { name: 'anybody', role: 'admin', auth: 'none' } : undefined
  }

  /** Whom an `Authorization: Bearer TOKEN` stands for. Rejects like `login`. */
  bearer(token: string, from: string): Person {
    if (this.auth !== 'token') throw new ConsoleError(401, 'ERR_LOGIN_WANTED', 'log in first', { auth: this.auth })
    return this.#byToken(token, from)
  }

  /** Let somebody in. Rejects with `ERR_LOGIN_FAILED`, or `ERR_LOGIN_SLOWED` when it comes too soon after others that failed. */
  async login(given: Login, from: string): Promise<Person> {
    if (this.anybody) return this.anybody
    if ('token' in given && this.auth === 'token') return this.#byToken(given.token, from)
    if (!('token' in given) && this.auth === 'users') return this.#byPassword(given.user, given.password, from)
    const how = this.auth === 'token' ? 'the link of the log' : 'a name and a password'
    throw new ConsoleError(401, 'ERR_LOGIN_FAILED', `log in with ${how}`, { auth: this.auth })
  }

  /** Whether a person that was let in may still be: users are taken out of their file, and change roles. */
  isStillRight({ name, role, auth }: Person): boolean {
    if (auth !== 'users') return true
    this.#readAgain()
    return this.#users.get(name)?.role === role
  }

  #byToken(token: string, from: string): Person {
    this.#demandPatience(from)
    if (!isSame(token, this.token)) throw this.#refuse(from, 'with a wrong token')
    this.#slowdown.succeeded(from)
    return { name: 'token', role: 'admin', auth: 'token' }
  }

  async #byPassword(name: string, password: string, from: string): Promise<Person> {
    this.#demandPatience(from)
    if (this.#waiting >= mostWaiting) throw slowed(1)
    this.#waiting++
    // One at a time: a hundred at once would take the memory of the machine.
    const checked = this.#turn.then(async () => {
      // Those that waited meanwhile have not known of the failures before them.
      this.#demandPatience(from)
      this.#readAgain()
      const user = this.#users.get(name)
      if (!(await this.#files.checkPassword(user, password)))
        throw this.#refuse(from, `as ${JSON.stringify(name.slice(0, 64))}`)
      this.#slowdown.succeeded(from)
      return user!
    })
    this.#turn = checked.catch(() => {})
    try {
      const { role } = await checked
      return { name, role, auth: 'users' }
    } finally {
      this.#waiting--
    }
  }

  #demandPatience(from: string): void {
    const seconds = this.#slowdown.waitSeconds(from)
    if (seconds > 0) throw slowed(seconds)
  }

  #refuse(from: string, how: string): ConsoleError {
    const count = this.#slowdown.failed(from)
    this.#log.warning(`a login ${how} from ${from} failed${count > 1 ? `, ${count} times in a row` : ''}`)
    return new ConsoleError(401, 'ERR_LOGIN_FAILED', 'that is not right', { auth: this.auth })
  }

  /** When the file has changed. One that cannot be used any more lets nobody in. */
  #readAgain(): void {
    if (this.#file === undefined) return
    try {
      const { ctimeMs, ino, size } = statSync(this.#file)
      const version = `${ctimeMs} ${ino} ${size}`
      if (version === this.#usersFrom) return
      this.#users = this.#files.readUsers(this.#file)
      this.#usersFrom = version
    } catch (error) {
      if (this.#users.size > 0) this.#log.error(`nobody is let in: ${reasonOf(error)}`)
      this.#users = new Map()
      this.#usersFrom = ''
    }
  }
}

const slowed = (retryAfterSeconds: number) =>
  new ConsoleError(429, 'ERR_LOGIN_SLOWED', `too many logins failed: try again in ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  })
