import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from './manager.ts'

/** One folder with a `run` script for each process, as the daemontools family wants it. Returns the folder of them all. */
export function writeServiceFolders({ dir, count, seconds }: Job): string {
  const services = join(dir, 'services')
  for (let number = 1; number <= count; number++) {
    const service = join(services, `sleep-${number}`)
    mkdirSync(service, { recursive: true })
    writeFileSync(join(service, 'run'), `#!/bin/sh\nexec sleep ${seconds}\n`, { mode: 0o755 })
  }
  return services
}
