import { KernelError } from '../errors.ts'
import { ProcessReport } from '../process-report.ts'
import { flag, integer, properties } from '../schema.ts'
import { defineCommand } from './command.ts'
import { optionalName } from './properties.ts'

/**
 * `stats`: what processes use. `extended` asks the `extended_stats` hooks of the watchers to add to it.
 *
 * Reply  `infos: {watcher: {pid: info}}`; or, of one watcher, `name` and `info: {pid: info}`; or, of one process of it,
 *        `process` and `info`
 * Errors `ERR_WATCHER_UNKNOWN`, `ERR_PROCESS_UNKNOWN`
 */
export const stats = defineCommand({
  name: 'stats',
  summary: 'Show what processes use: memory, processor time, age.',
  readOnly: true,
  properties: properties({
    name: optionalName,
    process: integer('just this process of the watcher, by its pid', undefined),
    extended: flag('what the extended_stats hook adds, too'),
  }),
  async execute({ arbiter }, { name, process, extended }) {
    const report = new ProcessReport(arbiter.hooks, { extended })
    if (name === undefined) {
      const { watchers } = arbiter
      const infos = await Promise.all(watchers.map((watcher) => report.ofWatcher(watcher)))
      return { infos: Object.fromEntries(watchers.map((watcher, at) => [watcher.name, infos[at]])) }
    }
    const watcher = arbiter.watcher(name)
    if (process === undefined) return { name, info: await report.ofWatcher(watcher) }
    const found = watcher.processes.find(({ pid }) => pid === process)
    if (!found) throw new KernelError('ERR_PROCESS_UNKNOWN', [process, name])
    const [info] = await report.of([found], watcher)
    return { process, info }
  },
})
