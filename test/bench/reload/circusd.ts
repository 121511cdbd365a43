import { ReplyError } from '../../../core/index.ts'
import { circusd as manager } from '../managers/circusd.ts'
import { Daemon } from './daemon.ts'
import { switchRelease } from './release.ts'
import type { Subject } from './subject.ts'
import { until, untilWorkers } from './workers.ts'

/** This project's daemon: it binds the socket, the servers accept. */
export const circusd: Subject = {
  name: manager.name,
  prepare: manager.prepare,

  async start(ground, processes) {
    const { dir } = ground
    switchRelease(dir, 'server.js')
    const daemon = await Daemon.start(ground, configuration(dir, processes))
    const call = (command: string, properties: object = {}) =>
      daemon.client.call(command, { name: 'web', waiting: true, ...properties })
    const isRefused = (properties: object) => refusedReload(dir, () => call('reload', properties))
    await until(async () => (await daemon.status('web')).status === 'active', 'active watchers')
    await untilWorkers(dir, processes)
    return {
      port: await daemon.port('web'),
      events: [
        { name: 'reload', run: () => call('reload') },
        { name: 'reload one by one', run: () => call('reload', { sequential: true }) },
        { name: 'one more', run: () => call('incr') },
        { name: 'one less', run: () => call('decr') },
        { name: 'reload to a broken release', run: () => isRefused({}) },
        { name: 'the same one by one', run: () => isRefused({ sequential: true }) },
        { name: 'reload to a working one', run: () => call('reload') },
      ],
      stop: () => daemon[Symbol.asyncDispose](),
    }
  },
}

async function refusedReload(dir: string, reload: () => Promise<unknown>): Promise<void> {
  switchRelease(dir, 'broken.js')
  try {
    await reload()
  } catch (error) {
    if (error instanceof ReplyError && error.code === 'ERR_RELOAD_FAILED') return
    throw error
  } finally {
    switchRelease(dir, 'server.js')
  }
  throw new Error('circusd has taken a broken release')
}

const configuration = (dir: string, processes: number) => `
[socket:web]
host = 127.0.0.1
port = 0

[watcher:web]
cmd = ${process.execPath} ${dir}/release.js --fd $(circus.sockets.web)
use_sockets = true
numprocesses = ${processes}
graceful_timeout = 5
`
