import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { supervisor } from '../managers/supervisor.ts'
import { numbered } from './files.ts'
import { KEPT_FILES, type LogSubject, MAX_BYTES } from './subject.ts'

/** Supervisor, a file for each process. */
export const logsOfSupervisor: LogSubject = {
  name: 'supervisor',
  prepare: supervisor.prepare,

  configure({ dir, count, argv, rotates }) {
    const { start, stop } = supervisor.configure({ dir, count, seconds: 0 })
    const config = join(dir, 'supervisord.conf')
    const [common] = readFileSync(config, 'utf8').split('[program:')
    writeFileSync(
      config,
      `${common}[program:writer]
command = ${argv.join(' ')}
process_name = %(program_name)s-%(process_num)d
numprocs = ${count}
stdout_logfile = ${dir}/%(process_num)d.log
stdout_logfile_maxbytes = ${rotates ? MAX_BYTES : 0}
stdout_logfile_backups = ${KEPT_FILES}
`,
    )
    const files = Array.from({ length: count }, (_, number) => join(dir, `${number}.log`))
    return { start, stop: stop as NodeJS.Signals, files: () => files.map(numbered) }
  },
}
