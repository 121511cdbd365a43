import type { Arbiter } from '../arbiter.ts'
import { watcherFromApi } from '../config/index.ts'
import { KernelError } from '../errors.ts'
import { flag, optional, properties, record, text } from '../schema.ts'
import { Accepted, defineCommand } from './command.ts'
import { toldOf } from './on-each.ts'
import { waiting } from './properties.ts'

/**
 * `add`: a new watcher. With `check` it is only checked: all the errors are those of `add`, and nothing is added.
 *
 * Reply  `{ started, kept }` when started and waiting
 * Errors `ERR_WATCHER_EXISTS`, `ERR_OPTION_UNKNOWN`, `ERR_OPTION_INVALID`, `ERR_STREAM_INVALID`, `ERR_FORBIDDEN`
 *        (endpoint_owner)
 */
export const add = defineCommand({
  name: 'add',
  summary: 'Add a watcher.',
  properties: properties({
    name: text('what to call it'),
    cmd: text('the command'),
    args: optional(
      { type: ['string', 'array'], description: 'arguments; the elements of a list are not split' },
      (value, key) => {
        if (typeof value === 'string') return value
        if (Array.isArray(value) && value.every(isWord)) return value.map(String)
        throw new KernelError('ERR_PROPERTY_INVALID', [key, 'a text or a list of texts', value])
      },
    ),
    options: record('watcher options by their names in the ini', false),
    start: flag('start it as well'),
    check: flag('only check, and add nothing'),
    waiting,
  }),
  async execute({ arbiter }, { name, cmd, args, options, start, check }) {
    const config = watcherFromApi(name, { cmd, args, options })
    arbiter.ownership.allowAdd(config)
    await arbiter.admit(config)
    if (check) return refuseTaken(arbiter, config.name)
    const watcher = arbiter.add(config)
    if (!start) return
    return new Accepted(watcher.start().then((changes) => toldOf(changes, ['started', 'kept'])))
  },
})

const isWord = (value: unknown) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

function refuseTaken(arbiter: Arbiter, name: string): void {
  const folded = name.toLowerCase()
  if (arbiter.watchers.some((watcher) => watcher.name.toLowerCase() === folded)) {
    throw new KernelError('ERR_WATCHER_EXISTS', [name])
  }
}
