import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../command.ts'
import { switchRelease } from './release.ts'
import type { Subject } from './subject.ts'
import { until, untilWorkers } from './workers.ts'

/** The servers alone, on one socket: what no manager can be ahead of. */
export const unmanaged: Subject = {
  name: 'unmanaged',

  prepare: () => undefined,

  async start({ dir }, processes) {
    switchRelease(dir, 'server.js')
    const program = join(import.meta.dirname, 'launcher.ts')
    const child = launch({ argv: [process.execPath, program, `${processes}`] }, dir, 'start')
    await until(() => existsSync(join(dir, 'port')), 'a port')
    await untilWorkers(dir, processes)
    return {
      port: Number(readFileSync(join(dir, 'port'))),
      events: [],
      async stop() {
        child.kill()
        await untilWorkers(dir, 0)
      },
    }
  },
}
