import { z } from 'zod'

// Blank text would be read as 0.
const number = z.preprocess((value) => (value === '' ? Number.NaN : value), z.coerce.number())
const seconds = number.pipe(z.number().nonnegative().max(2_000_000))
const boolean = z.union([z.boolean(), z.stringbool()], { error: 'true or false is expected' })

const fields = {
  /** Deaths within `window` that count as flapping. */
  attempts: number.pipe(z.int().positive()),
  /** Seconds. */
  window: seconds,
  /** Seconds a watcher that flaps is stopped before it is started again. */
  retry_in: seconds,
  /** So many times it is started again before it is given up; -1: for ever. */
  max_retry: number.pipe(z.int().min(-1)),
  /** Whether anything is done. */
  active: boolean,
}

/** The options of `[plugin:flapping]`. */
export const options = z.strictObject({
  attempts: fields.attempts.default(2),
  window: fields.window.default(1),
  retry_in: fields.retry_in.default(7),
  max_retry: fields.max_retry.default(5),
  active: fields.active.default(true),
})

/** The same as `flapping.…` of one watcher, each in place of the plugin's. */
export const watcherOptions = z.strictObject(fields).partial()

export type Settings = z.infer<typeof options>
