import { KernelError } from '../errors.ts'
import { type Property, properties, record, text } from '../schema.ts'
import { defineCommand } from './command.ts'

const event: Property<string> = {
  required: true,
  schema: { type: 'string', description: 'a lower-case word; _ may be in it' },
  read(value, key) {
    if (typeof value === 'string' && /^[a-z][a-z0-9_]{0,99}$/.test(value)) return value
    throw new KernelError('ERR_PROPERTY_INVALID', [key, 'a lower-case word of at most 100 characters', value])
  },
}

/** `publish`: publish an event of a watcher, there or not, as plugins in the daemon do; for those in processes of their own. */
export const publish = defineCommand({
  name: 'publish',
  summary: 'Publish an event of a watcher.',
  role: 'admin',
  properties: properties({
    name: text('the watcher'),
    event,
    payload: record('its payload', false),
  }),
  execute({ arbiter }, { name, event, payload }) {
    arbiter.events.publish(name, event, payload)
  },
})
