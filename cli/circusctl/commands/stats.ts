import type { ControlCommand, Reply } from '../command.ts'
import { infoLines, type ProcessInfo } from '../infos.ts'
import { pidOf } from '../shared-flags.ts'

type Infos = Readonly<Record<string, ProcessInfo>>

export const stats: ControlCommand = {
  name: 'stats',
  summary: 'Show processor time, memory and age of all processes, of a watcher, or of one.',
  args: [
    { name: 'name', description: "a watcher's name" },
    { name: 'pid', description: 'one of its processes' },
  ],
  flags: { extended: { type: 'boolean', description: 'with what the extended_stats hook adds' } },
  examples: ['stats', 'stats web', 'stats web 4711', 'stats web --extended --json'],
  properties: ([name, pid], { extended }) => ({ name, process: pid === undefined ? undefined : pidOf(pid), extended }),
  async show({ daemon, output }, positionals, flags) {
    const { processTable } = await import('../process-table.ts')
    const reply = await daemon.call('stats', stats.properties?.(positionals, flags))
    output.print(processTable(processesIn(reply, positionals[0]), output.terminal!))
  },
  print({ name, infos, process, info }: Reply) {
    if (infos !== undefined) {
      return Object.entries(Object(infos) as Record<string, Infos | null>)
        .flatMap(([watcher, processes]) => watcherLines(watcher, processes))
        .join('\n')
    }
    if (name !== undefined) return watcherLines(String(name), Object(info)).join('\n')
    return `${process}: ${infoLines(info as ProcessInfo).join('\n')}\n`
  },
}

function watcherLines(watcher: string, processes: Infos | null): string[] {
  const infos = Object.entries(processes ?? {})
  return [`${watcher}:`, ...infos.map(([pid, info]) => `${pid}: ${infoLines(info).join('\n')}`)]
}

function processesIn({ infos, process, info }: Reply, name = ''): { watcher: string; info: ProcessInfo }[] {
  if (process !== undefined) return [{ watcher: name, info: info as ProcessInfo }]
  const watchers = (infos ?? { [name]: info }) as Readonly<Record<string, Infos | null>>
  return Object.entries(watchers).flatMap(([watcher, processes]) =>
    Object.values(processes ?? {}).map((one) => ({ watcher, info: one })),
  )
}
