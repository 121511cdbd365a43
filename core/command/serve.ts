import { KernelError } from '../errors.ts'
import type { OfferedCommand } from '../plugin/remote-commands.ts'
import type { RemoteAnswer } from '../plugin/servant.ts'
import { integer, type Property, properties, text } from '../schema.ts'
import { defineCommand } from './command.ts'

const objects = <T>(description: string): Property<readonly T[]> => ({
  required: false,
  schema: { type: 'array', items: { type: 'object' }, description },
  read(value, key) {
    if (value === undefined) return []
    if (Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null)) return value
    throw new KernelError('ERR_PROPERTY_INVALID', [key, 'a list of objects', value])
  },
})

/**
 * `serve`: the process of a plugin offers the commands that it answers, brings answers, and waits for requests. The reply
 * comes when there are some, or after 20 s without; who does not ask again within 30 s offers nothing any more.
 *
 * Errors `ERR_PLUGIN_INVALID`
 */
export const serve = defineCommand({
  name: 'serve',
  summary: 'Answer commands, as a plugin in a process of its own.',
  role: 'admin',
  readOnly: true, // nobody wants to read of each in the log
  properties: properties({
    plugin: text('its name'),
    pid: integer('its process', 0),
    commands: objects<OfferedCommand>('what it answers, as `commands` describes it, with `name`'),
    answers: objects<RemoteAnswer>('what it has done: `id` of the request, and `fields` or `error`'),
  }),
  async execute({ arbiter }, { plugin, ...offer }) {
    return { requests: await arbiter.plugins.remote.serve(plugin, offer) }
  },
})
