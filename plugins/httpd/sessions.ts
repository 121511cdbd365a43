import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Auth, Role } from './api.ts'

/** Somebody who has logged in. */
export interface Person {
  readonly name: string
  readonly role: Role
  readonly auth: Auth
}

/** One login, until it ends. */
export interface OpenSession extends Person {
  readonly csrf: string
  /** Aborted when it ends. */
  readonly ended: AbortController
  usedAt: number
}

/** A session that nobody uses for so long has ended. An open page uses it. */
const idleMs = 24 * 60 * 60 * 1000
/** More have not logged in at the same time; the one that was used longest ago makes room. */
const most = 1_000

/** Who has logged in, by the secret in their cookie. Of that only a hash is kept. */
export class Sessions {
  readonly #sessions = new Map<string, OpenSession>()

  /** Let somebody in. Returns the session, and what the cookie is to hold. */
  open(person: Person): { readonly session: OpenSession; readonly secret: string } {
    const secret = newSecret()
    if (this.#sessions.size >= most) this.#endOldest()
    const session = { ...person, csrf: newSecret(), ended: new AbortController(), usedAt: Date.now() }
    this.#sessions.set(digest(secret), session)
    return { session, secret }
  }

  /** Whose cookie this is. */
  find(secret: string | undefined): OpenSession | undefined {
    if (!secret) return undefined
    const session = this.#sessions.get(digest(secret))
    if (!session) return undefined
    if (Date.now() - session.usedAt > idleMs) {
      this.end(session)
      return undefined
    }
    session.usedAt = Date.now()
    return session
  }

  end(session: OpenSession): void {
    for (const [key, each] of this.#sessions) if (each === session) this.#sessions.delete(key)
    session.ended.abort()
  }

  /** End those that are not as they should be any more. */
  endUnless(isRight: (session: OpenSession) => boolean): void {
    for (const session of [...this.#sessions.values()]) if (!isRight(session)) this.end(session)
  }

  #endOldest(): void {
    const [oldest] = [...this.#sessions.values()].sort((a, b) => a.usedAt - b.usedAt)
    if (oldest) this.end(oldest)
  }
}

/** 256 bits that nobody guesses. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSame(a: string, b: string): boolean {
  return timingSafeEqual(hash(a), hash(b))
}

const hash = (text: string) => createHash('sha256').update(text).digest()
const digest = (text: string) => hash(text).toString('base64url')
