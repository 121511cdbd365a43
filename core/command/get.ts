import { flattenOptions } from '../config/index.ts'
import { KernelError } from '../errors.ts'
import { quoted } from '../quoted.ts'
import { type Property, properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { name } from './properties.ts'

const keys: Property<string[]> = {
  required: true,
  schema: { type: 'array', items: { type: 'string' }, description: 'names of options' },
  read(value, key) {
    const list = typeof value === 'string' ? [value] : value
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list
    throw new KernelError('ERR_PROPERTY_INVALID', [key, 'a list of option names', value])
  },
}

/** `get`: some options of a watcher. Reply: `options`. Errors: `ERR_WATCHER_UNKNOWN`, `ERR_OPTION_UNKNOWN`. */
export const get = defineCommand({
  name: 'get',
  summary: 'Show options of a watcher.',
  readOnly: true,
  showsOptions: true,
  properties: properties({ name, keys }),
  execute({ arbiter }, { name, keys }) {
    const all = flattenOptions(arbiter.watcher(name).config)
    const unknown = keys.find((key) => !Object.hasOwn(all, key))
    if (unknown !== undefined) {
      throw new KernelError('ERR_OPTION_UNKNOWN', [unknown, undefined, `${quoted(unknown)} option not found`])
    }
    return { options: Object.fromEntries(keys.map((key) => [key, all[key]])) }
  },
})
