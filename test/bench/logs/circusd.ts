import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { circusd } from '../managers/circusd.ts'
import { numbered } from './files.ts'
import { KEPT_FILES, type LogSubject, MAX_BYTES } from './subject.ts'

/** FileStream of this project's daemon, one file for all processes of the watcher. */
const withFileStream = (name: string, options: Readonly<Record<string, string>>): LogSubject => ({
  name,
  prepare: circusd.prepare,

  configure({ dir, count, argv, rotates }) {
    const { start, stop } = circusd.configure({ dir, count, seconds: 0 })
    const file = join(dir, 'out.log')
    const rotation = rotates ? { max_bytes: String(MAX_BYTES), backup_count: String(KEPT_FILES) } : {}
    const stream = Object.entries({ filename: file, ...rotation, ...options })
    writeFileSync(
      join(dir, 'circus.ini'),
      `[circus]
endpoint = ipc://${dir}/control
pubsub_endpoint = ipc://${dir}/events

[watcher:writer]
cmd = ${argv.join(' ')}
numprocesses = ${count}
${stream.map(([option, value]) => `stdout_stream.${option} = ${value}\n`).join('')}`,
    )
    return { start, stop, files: () => [numbered(file)] }
  },
})

export const logsOfCircusd: readonly LogSubject[] = [
  withFileStream('circusd', {}),
  withFileStream('circusd time_format', { time_format: '%Y-%m-%d %H:%M:%S' }),
]
