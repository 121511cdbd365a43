import { KernelError } from '../errors.ts'
import { quoted } from '../quoted.ts'
import { optionalText, properties } from '../schema.ts'
import { defineCommand } from './command.ts'

/** `globaloptions`: the daemon's own options, all or one. Reply: `options`. Errors: `ERR_OPTION_UNKNOWN`. */
export const globaloptions = defineCommand({
  name: 'globaloptions',
  summary: "Show the daemon's options.",
  readOnly: true,
  properties: properties({ option: optionalText('just this one') }),
  execute({ arbiter }, { option }) {
    const { check_delay, multicast_endpoint } = arbiter.config.circus
    const all: Record<string, unknown> = {
      endpoint: arbiter.endpoints.control,
      stats_endpoint: arbiter.statsEndpoint,
      pubsub_endpoint: arbiter.endpoints.events,
      check_delay,
      multicast_endpoint,
    }
    if (!option) return { options: all }
    if (!Object.hasOwn(all, option)) {
      throw new KernelError('ERR_OPTION_UNKNOWN', [option, undefined, `${quoted(option)} not an existing option`])
    }
    return { options: { [option]: all[option] } }
  },
})
