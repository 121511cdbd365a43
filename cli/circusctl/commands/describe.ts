import type { ControlCommand } from '../command.ts'
import { watcher } from '../shared-flags.ts'

export const describe: ControlCommand = {
  name: 'describe',
  summary: 'Tell all about a watcher: its processes, how the last ones ended, its options and where each was set.',
  args: [watcher],
  examples: ['describe web', 'describe web --json'],
  async run({ daemon, json, output }, [name = '']) {
    if (json) return output.printJson(await daemon.call('describe', { name }))
    const { viewOf } = await import('../watcher-view.ts')
    const { describeWatcher } = await import('../watcher-description.ts')
    const { plainTerminal } = await import('../output.ts')
    const { watchers, now } = await viewOf(daemon, name)
    const texts = watchers.map((one) => describeWatcher(one, now, output.terminal ?? plainTerminal))
    output.print(texts.join('\n\n'))
  },
}
