import type { ControlCommand } from '../command.ts'

export const listen: ControlCommand = {
  name: 'listen',
  summary: 'Print events as they happen, until Ctrl-C.',
  args: [{ name: 'topic', description: 'beginnings of topics; all of them without any' }],
  variadicAfter: 0,
  examples: ['listen', 'listen watcher.web.'],
  async run({ endpoint, timeoutMs, json, call, print }, positionals) {
    const { options } = await call('globaloptions', { option: 'pubsub_endpoint' })
    const { EventSubscriber } = await import('../../../core/client.ts')
    const events = reachable(String(Object(options).pubsub_endpoint), endpoint)
    await using subscriber = new EventSubscriber({
      endpoint: events,
      topics: positionals.length > 0 ? positionals : [''],
    })
    process.once('SIGINT', () => void subscriber.close())
    await subscriber.ready(timeoutMs)
    for await (const { topic, payload } of subscriber) {
      print(json ? JSON.stringify({ topic, ...payload }) : `${topic}: ${JSON.stringify(payload)}`)
    }
  },
}

/** An endpoint bound to every address is reached at the host where the daemon answers. */
function reachable(events: string, control: string): string {
  const host = /^tcp:\/\/(.+):[^:]+$/.exec(control)?.[1] ?? '127.0.0.1'
  return events.replace(/^tcp:\/\/(\*|0\.0\.0\.0|\[::\]):/, () => `tcp://${host}:`)
}
