import type { Process } from './process.ts'

/** Shorter lives than this, in milliseconds, count as dying at once. */
const SHORT_LIFE_MS = 1000
/** After a life as long as this, in milliseconds, all is forgiven. */
const HEALTHY_LIFE_MS = 10_000

/** The pause before a process that died is replaced, in milliseconds. */
export interface PauseLimits {
  readonly firstMs: number
  readonly longestMs: number
  /** Shorter lives, in milliseconds, count as dying at once. @default 1000 */
  readonly shortMs?: number | undefined
}

/** How many short lives in a row there are after one more process lived for `livedMs`. */
export function shortLivesAfter(shortLives: number, livedMs: number, shortMs = SHORT_LIFE_MS): number {
  if (livedMs < shortMs) return shortLives + 1
  return livedMs < HEALTHY_LIFE_MS ? shortLives : 0
}

/** The pause after a life of `livedMs`, the last of `shortLives` short ones in a row: it doubles with each. */
export function pauseAfter(shortLives: number, livedMs: number, limits: PauseLimits): number {
  const { firstMs, longestMs, shortMs = SHORT_LIFE_MS } = limits
  if (livedMs >= shortMs || shortLives === 0) return 0
  return Math.min(firstMs * 2 ** Math.min(shortLives - 1, 30), longestMs)
}

/** A place in a watcher that waits for a process. */
export interface Vacancy {
  /** Not before this moment (`performance.now()`). */
  readonly dueAt: number
  /** The pause that ends then, in milliseconds. */
  readonly pauseMs: number
  /** Whoever had the place before died unasked. */
  readonly isRestart: boolean
  /** Short lives in a row of those who had the place before. */
  readonly shortLives: number
  /** Failed attempts to spawn. */
  readonly tries: number
  /** Who waits for it to be filled. */
  readonly batch: Batch | undefined
}

/** A place that nobody has had, to be filled at that moment (`performance.now()`). */
export function vacantAt(dueAt: number): Vacancy {
  return { dueAt, pauseMs: 0, isRestart: false, shortLives: 0, tries: 0, batch: undefined }
}

/** Places that are to be filled together: settled when each was filled or given up. */
export class Batch {
  readonly processes: Process[] = []
  readonly done: Promise<readonly Process[]>
  #open: number
  readonly #settle: PromiseWithResolvers<readonly Process[]>

  constructor(size: number) {
    this.#open = size
    this.#settle = Promise.withResolvers()
    this.done = this.#settle.promise
    this.done.catch(() => {})
    if (size === 0) this.#settle.resolve(this.processes)
  }

  filled(process: Process): void {
    this.processes.push(process)
    this.dropped()
  }

  /** The place is not wanted any more. */
  dropped(): void {
    if (--this.#open === 0) this.#settle.resolve(this.processes)
  }

  failed(error: Error): void {
    this.#settle.reject(error)
  }
}

/** The places of one watcher that wait for a process. */
export class Vacancies {
  #list: Vacancy[] = []

  get size(): number {
    return this.#list.length
  }

  add(vacancy: Vacancy): void {
    this.#list.push(vacancy)
  }

  /** Open `count` places that may be filled at once. */
  open(count: number): Batch {
    const batch = new Batch(count)
    for (let i = 0; i < count; i++) this.add({ ...vacantAt(0), batch })
    return batch
  }

  /** Whether this place is still wanted. */
  has(vacancy: Vacancy): boolean {
    return this.#list.includes(vacancy)
  }

  /** The place is taken. */
  remove(vacancy: Vacancy): void {
    const at = this.#list.indexOf(vacancy)
    if (at >= 0) this.#list.splice(at, 1)
  }

  /** Another vacancy comes in the place of one, if that is still wanted. */
  replace(old: Vacancy, vacancy: Vacancy): void {
    const at = this.#list.indexOf(old)
    if (at >= 0) this.#list[at] = vacancy
  }

  /** One place of a batch cannot be filled: none of the others is wanted any more. */
  fail(batch: Batch, error: Error): void {
    this.#list = this.#list.filter((vacancy) => vacancy.batch !== batch)
    batch.failed(error)
  }

  /** The place that is due first. */
  peek(): Vacancy | undefined {
    return this.#list.reduce<Vacancy | undefined>((a, b) => (a && a.dueAt <= b.dueAt ? a : b), undefined)
  }

  /** Give up `count` places, those due last first. */
  drop(count: number): void {
    this.#list.sort((a, b) => a.dueAt - b.dueAt)
    for (const vacancy of this.#list.splice(Math.max(this.#list.length - count, 0))) vacancy.batch?.dropped()
  }

  /** Give up all places; who waits for them gets `error`. */
  clear(error: Error): void {
    for (const vacancy of this.#list.splice(0)) vacancy.batch?.failed(error)
  }
}
