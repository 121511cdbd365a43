/** When the file that is written becomes an old one, and what becomes of the old ones. */
export interface Rotation {
  /** In the words of the options: those of two streams to one file are compared by it. */
  readonly settings: string
  /** The file was opened for the first time; it was written last at `mtimeMs`. */
  begin(mtimeMs: number): void
  /** How many more bytes go into a file of `size` bytes, of what was written at `time`; less than 1: none. */
  room(size: number, time: number): number
  /** Move the file out of the way, if it is there, and drop the oldest ones. What fails may be tried again. */
  rotate(time: number): Promise<void>
  /** It was time to, but nothing is in the file. */
  skip(time: number): void
  /** Let go of everything, also of what is being compressed. */
  end(): Promise<void>
}

/** Does one thing after another. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}
