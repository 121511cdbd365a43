import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { launch, timeCommand } from '../command.ts'
import { pm2 as manager } from '../managers/pm2.ts'
import { switchRelease } from './release.ts'
import type { Subject } from './subject.ts'
import { untilWorkers } from './workers.ts'

/** PM2 in cluster mode: its daemon accepts, and hands each connection to one of the servers. */
export const pm2: Subject = {
  name: manager.name,
  prepare: manager.prepare,

  async start({ dir, seconds }, processes) {
    switchRelease(dir, 'server.js')
    const setup = manager.configure({ dir, seconds, count: 0 })
    const port = await freePort()
    const app = { name: 'web', script: join(dir, 'release.js'), args: `--port ${port}`, exec_mode: 'cluster', cwd: dir }
    const apps = [{ ...app, instances: processes, kill_timeout: 5_000 }]
    writeFileSync(join(dir, 'ecosystem.config.json'), JSON.stringify({ apps }))
    const [node, program] = setup.status!.argv
    const cli = (...args: string[]) =>
      timeCommand({ argv: [node, program!, ...args], env: setup.status!.env }, dir, 'cli')
    await timeCommand(setup.start, dir, 'start')
    await untilWorkers(dir, processes)
    return {
      port,
      events: [
        { name: 'reload', run: () => cli('reload', 'web') },
        { name: 'reload one by one', run: () => cli('reload', 'web', '--parallel', '1') },
        { name: 'one more', run: () => cli('scale', 'web', `${processes + 1}`) },
        { name: 'one less', run: () => cli('scale', 'web', `${processes}`) },
        {
          name: 'reload to a broken release',
          async run() {
            switchRelease(dir, 'broken.js')
            // It may exit 0 or not: what counts are the requests.
            await cli('reload', 'web').catch(() => {})
            switchRelease(dir, 'server.js')
          },
        },
        {
          name: 'reload to a working one',
          async run() {
            await cli('reload', 'web')
            await untilWorkers(dir, processes)
            await delay(500)
          },
        },
      ],
      async stop() {
        if (typeof setup.stop !== 'string') launch(setup.stop, dir, 'stop')
        await untilWorkers(dir, 0)
      },
    }
  },
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
