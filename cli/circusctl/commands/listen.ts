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
    await using subscriber = await daemon.subscribe(positionals.length > 0 ? positionals : [''])
    interrupted.addEventListener('abort', () => void subscriber.close())
    for await (const { topic, payload } of subscriber) {
      if (json) output.printJson({ topic, ...payload })
      else output.print(`${topic}: ${formatJson(payload)}`)
    }
  },
}
