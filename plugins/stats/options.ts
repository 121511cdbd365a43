import { number, optionalText, strictProperties } from '../../core/plugin.ts'

/** The options of `[plugin:stats]`. */
export const options = strictProperties({
  interval: number('seconds between two looks at all processes, while somebody listens', 1, { min: 0.1, max: 3600 }),
  stats_endpoint: optionalText(
    'where they are published; none: nowhere, there is the history alone; stats_endpoint of [circus] when it is left out',
  ),
})
