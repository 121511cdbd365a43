import { type Manager, missingPrograms } from './manager.ts'
import { writeServiceFolders } from './service-folders.ts'

/** s6: `s6-svscan` with one `s6-supervise` per service. `s6-svstat` takes one service, hence the loop. */
export const s6: Manager = {
  name: 's6',

  prepare: () => missingPrograms('s6', ['s6-svscan', 's6-supervise', 's6-svstat']),

  configure(job) {
    const services = writeServiceFolders(job)
    return {
      start: { argv: ['s6-svscan', '-c', String(job.count + 10), services] },
      status: { argv: ['/bin/sh', '-c', 'for service in "$0"/*; do s6-svstat "$service"; done', services] },
      stop: 'SIGTERM',
    }
  },
}
