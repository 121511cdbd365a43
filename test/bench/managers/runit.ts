import { type Manager, missingPrograms } from './manager.ts'
import { writeServiceFolders } from './service-folders.ts'

/** runit: `runsvdir` with one `runsv` per service. */
export const runit: Manager = {
  name: 'runit',

  prepare: () => missingPrograms('runit', ['runsvdir', 'runsv', 'sv']),

  configure(job) {
    const services = writeServiceFolders(job)
    return {
      start: { argv: ['runsvdir', '-P', services] },
      status: { argv: ['/bin/sh', '-c', 'sv status "$0"/*', services] },
      stop: 'SIGHUP',
    }
  },
}
