import { type ControlCommand, UsageError } from '../command.ts'
import { optionValue } from '../option-value.ts'
import { waiting, watcher } from '../shared-flags.ts'

export const set: ControlCommand = {
  name: 'set',
  summary: 'Change options of a watcher.',
  args: [
    watcher,
    { name: 'key', description: 'an option', required: true },
    { name: 'value', description: 'its new value; more pairs may follow', required: true },
  ],
  variadicAfter: 2,
  flags: waiting,
  examples: [
    'set web numprocesses 4',
    'set web graceful_timeout 5 max_retry -1',
    'set web stdout_stream class=FileStream,filename=web.log',
  ],
  properties([name, ...pairs], { waiting }) {
    if (pairs.length % 2 !== 0) throw new UsageError(`no value for '${pairs.at(-1)}': options and values come in pairs`)
    const options: Record<string, unknown> = {}
    for (let i = 0; i < pairs.length; i += 2) {
      const [option, value] = [String(pairs[i]).toLowerCase(), String(pairs[i + 1])]
      options[option] = optionValue(option, value)
    }
    return { name, options, waiting }
  },
}
