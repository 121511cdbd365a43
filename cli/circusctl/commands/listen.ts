import type { ControlCommand } from '../command.ts'
import { formatJson } from '../format.ts'

export const listen: ControlCommand = {
  name: 'listen',
  summary: 'Print events as they happen, until Ctrl-C.',
  args: [{ name: 'topic', description: 'beginnings of topics; all of them without any' }],
  variadicAfter: Number.POSITIVE_INFINITY,
  examples: ['listen', 'listen watcher.web.'],
  streams: true,
  async run({ daemon, json, output, interrupted }, positionals) {
    const topics = positionals.length > 0 ? positionals : ['']
    for await (const { topic, payload } of daemon.follow(topics, interrupted)) {
      // What processes write comes along while somebody else follows it.
      if (positionals.length === 0 && topic.startsWith('output.')) continue
      if (json) output.printJson({ topic, ...payload })
      else output.print(`${topic}: ${formatJson(payload)}`)
    }
  },
}
