import { defineStream } from 'circusd'
import { definePlugin } from 'circusd/plugin'
import { option, optionsTable, required } from 'circusd/plugins/streams'

const pattern = option({ type: 'string', format: 'regex', description: 'a regular expression' }, undefined, (text) => {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new Error(`it must be a regular expression: ${(error as Error).message}`)
  }
})

/** A stream class for programs that write a lot of which little matters: a line like `pattern` is published, others go nowhere. */
export default definePlugin({
  name: 'my-plugin',
  summary: 'The stream class MyPlugin publishes some lines as events.',
  kernel: true,
  setup(circus) {
    circus.stream(
      defineStream({
        name: 'MyPlugin',
        summary: 'events, for lines like a pattern',
        options: optionsTable({ pattern: required(pattern) }),
        create: ({ pattern }, { watcher, kind }) => ({
          wholeLines: true,
          write(pieces) {
            for (const { data, pid } of pieces) {
              const lines = data.toString().split('\n')
              for (const line of lines.filter((line) => pattern.test(line)))
                circus.publish(watcher, 'line', { process_pid: pid, stream: kind, line })
            }
          },
        }),
      }),
    )
  },
})
