import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingPrograms } from '../managers/manager.ts'
import { runit } from '../managers/runit.ts'
import { s6 } from '../managers/s6.ts'
import { timestamped } from './files.ts'
import { KEPT_FILES, type LogJob, type LogSetup, type LogSubject, MAX_BYTES } from './subject.ts'

/** s6, each service with an `s6-log` of its own. */
export const logsOfS6: LogSubject = {
  name: 's6',
  prepare: (dirs) => s6.prepare(dirs) ?? missingPrograms('s6', ['s6-log']),

  configure(job) {
    const size = job.rotates ? `n${KEPT_FILES} s${MAX_BYTES}` : 'n1000 s268435455'
    const services = writeServices(job, (folder) => `s6-log ${size} ${folder}`)
    // Three descriptors for each pair of a service and its logger, and some.
    const start = { argv: ['s6-svscan', '-c', String(2 * job.count + 10), services.folder] } as const
    return { start, stop: 'SIGTERM', files: services.files }
  },
}

/** runit, each service with an `svlogd` of its own. */
export const logsOfRunit: LogSubject = {
  name: 'runit',
  prepare: (dirs) => runit.prepare(dirs) ?? missingPrograms('runit', ['svlogd']),

  configure(job) {
    const services = writeServices(job, (folder) => {
      writeFileSync(join(folder, 'config'), job.rotates ? `s${MAX_BYTES}\nn${KEPT_FILES}\n` : 's0\n')
      return `svlogd ${folder}`
    })
    return { start: { argv: ['runsvdir', '-P', services.folder] }, stop: 'SIGHUP', files: services.files }
  },
}

/** One folder with a `run` and a `log/run` script for each process. */
function writeServices(
  { dir, count, argv }: LogJob,
  logger: (folder: string) => string,
): Pick<LogSetup, 'files'> & { folder: string } {
  const folder = join(dir, 'services')
  const logs: string[] = []
  for (let number = 1; number <= count; number++) {
    const service = join(folder, `writer-${number}`)
    const log = join(dir, 'logs', `${number}`)
    logs.push(log)
    mkdirSync(join(service, 'log'), { recursive: true })
    mkdirSync(log, { recursive: true })
    writeFileSync(join(service, 'run'), `#!/bin/sh\nexec ${argv.join(' ')}\n`, { mode: 0o755 })
    writeFileSync(join(service, 'log/run'), `#!/bin/sh\nexec ${logger(log)}\n`, { mode: 0o755 })
  }
  return { folder, files: () => logs.map(timestamped) }
}
