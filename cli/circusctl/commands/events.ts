import type { PublishedEvent } from '../../../core/client.ts'
import type { ControlCommand } from '../command.ts'
import type { Daemon } from '../daemon.ts'

/** A source longer than this pushes its line's text to the right. */
const widestSource = 24

export const events: ControlCommand = {
  name: 'events',
  summary: 'Tell what happens, as it happens, until Ctrl-C: listen for people.',
  args: [
    { name: 'topic', description: "watchers' names, or beginnings of topics (watcher.web., plugin.); all without any" },
  ],
  variadicAfter: Number.POSITIVE_INFINITY,
  examples: ['events', 'events web db', 'events plugin.', 'events web --json'],
  streams: true,
  async run({ daemon, json, output, interrupted }, names) {
    const { EventTeller } = await import('../event-line.ts')
    const { printable, widthOf } = await import('../table.ts')
    const topics = names.length > 0 ? names.map(topicOf) : ['']
    const teller = new EventTeller()
    let width = json ? 0 : await widthOfNames(daemon, topics)
    for await (const event of daemon.follow(topics, interrupted)) {
      if (json) {
        const { topic, watcher, event: name, payload } = event
        output.printJson({ topic, watcher, event: name, ...payload })
        continue
      }
      const { time, source, text, style } = teller.tell(event)
      const why = await reasonOf(daemon, event)
      const name = printable(source)
      width = Math.min(widestSource, Math.max(width, widthOf(name)))
      const paint = output.terminal?.paint ?? ((_, plain) => plain)
      const blanks = ' '.repeat(Math.max(0, width - widthOf(name)))
      const words = printable(why ? `${text}: ${why}` : text)
      output.print(`${paint('dim', time)}  ${paint('cyan', name)}${blanks}  ${style ? paint(style, words) : words}`)
      const { lines } = event.payload
      if (!Array.isArray(lines) || lines.length === 0) continue
      const indent = ' '.repeat(widthOf(time) + width + 4)
      output.print(lines.map((line) => `${indent}${paint('dim', '|')} ${printable(String(line))}`).join('\n'))
    }
  },
}

/** A word without a dot is a watcher's name; else the beginning of a topic. */
function topicOf(word: string): string {
  if (word.includes('.') || word === 'watcher' || word === 'plugin' || word === '') return word
  return `watcher.${word.toLowerCase().replaceAll(' ', '_')}.`
}

/** How wide the watchers' names are, so that lines are aligned from the first one on. */
async function widthOfNames(daemon: Daemon, topics: readonly string[]): Promise<number> {
  try {
    const { watchers } = await daemon.call('list')
    const names = (watchers as string[]).filter((name) =>
      topics.some((topic) => `watcher.${name.toLowerCase()}.`.startsWith(topic)),
    )
    return Math.min(widestSource, Math.max(0, ...names.map((name) => name.length)))
  } catch {
    return 0
  }
}

/** Why a watcher stopped, when nobody asked it to and the daemon says. */
async function reasonOf(daemon: Daemon, { topic, watcher, event }: PublishedEvent): Promise<string | undefined> {
  if (event !== 'stop' || !topic.startsWith('watcher.')) return undefined
  try {
    const { reason } = await daemon.call('status', { name: watcher })
    return typeof reason === 'string' ? reason : undefined
  } catch {
    return undefined // it is gone meanwhile, or the daemon is
  }
}
