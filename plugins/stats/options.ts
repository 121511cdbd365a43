import { z } from 'zod'

// Blank text would be read as 0.
const number = z.preprocess((value) => (value === '' ? Number.NaN : value), z.coerce.number())

/** The options of `[plugin:stats]`. */
export const options = z.strictObject({
  /** Seconds between two looks at all processes, while somebody listens. */
  interval: number.pipe(z.number().min(0.1).max(3600)).default(1),
  /** Where they are published; `stats_endpoint` of [circus] when it is left out. */
  stats_endpoint: z.string().optional(),
})
