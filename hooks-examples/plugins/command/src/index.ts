import { definePlugin, integer, KernelError, optionalText, properties } from 'circusd/plugin'

interface End {
  readonly watcher: string
  readonly pid: number
  readonly code: number
}

/** So many are remembered. */
const MOST = 1000

/** `circusctl my-plugin [--watcher NAME] [--last N]`, and a page of the web console: which processes have ended lately, and how. */
export default definePlugin({
  name: 'my-plugin',
  summary: 'Remembers how processes have ended.',
  setup(circus) {
    const ends: End[] = []
    circus.on('reap', ({ watcher, process_pid, exit_code }) => {
      ends.unshift({ watcher, pid: Number(process_pid), code: Number(exit_code) })
      ends.length = Math.min(ends.length, MOST)
    })
    circus.command({
      name: 'my-plugin',
      summary: 'Tell which processes have ended, and how.',
      role: 'view',
      readOnly: true,
      panel: 'Ends',
      properties: properties({
        watcher: optionalText('of this one alone'),
        last: integer('how many, the latest first', 10, 1),
      }),
      async execute(_context, { watcher, last }) {
        if (watcher !== undefined) {
          const { watchers } = await circus.call<{ watchers: string[] }>('list')
          if (!watchers.includes(watcher)) throw new KernelError('ERR_WATCHER_UNKNOWN', [watcher])
        }
        const found = ends.filter((end) => (watcher ?? end.watcher) === end.watcher).slice(0, last)
        return { ends: found }
      },
    })
  },
})
