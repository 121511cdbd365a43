import { integer, optionalText, strictProperties } from '../../core/plugin.ts'

/** Beside the daemon's own 5555, 5556 and 5557; below the ports that a system gives out by itself. */
const DEFAULT_PORT = 5558

/** The options of `[plugin:metrics]`. */
export const options = strictProperties({
  host: optionalText('the address to listen at; localhost unless told'),
  port: integer('its TCP port; 0: a free one, told in the log', DEFAULT_PORT, 0, 65_535),
})
