import type { ControlCommand } from '../command.ts'

export const listen: ControlCommand = {
  name: 'listen',
  summary: 'Print events as they happen, until Ctrl-C.',
  args: [{ name: 'topic', description: 'beginnings of topics; all of them without any' }],
  variadicAfter: 0,
  examples: ['listen', 'listen watcher.web.'],
  async run({ daemon, json, print }, positionals) {
    await using subscriber = await daemon.subscribe(positionals.length > 0 ? positionals : [''])
    process.once('SIGINT', () => void subscriber.close())
    for await (const { topic, payload } of subscriber) {
      print(json ? JSON.stringify({ topic, ...payload }) : `${topic}: ${JSON.stringify(payload)}`)
    }
  },
}
