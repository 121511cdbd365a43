import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manager } from './manager.ts'

const root = join(import.meta.dirname, '../../..')
let bin: string

/** This project's daemon: a copy laid out like the published package, since in the checkout it runs its sources. */
export const circusd: Manager = {
  name: 'circusd',

  prepare({ workDir }) {
    if (!existsSync(join(root, 'cli/bin/circusd.js'))) return 'cli/bin/circusd.js does not exist'
    const home = join(workDir, 'package')
    bin = join(home, 'cli/bin')
    // Another that measures it has made it ready.
    if (existsSync(home)) return undefined
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    for (const part of ['cli/bin', 'dist', 'package.json'])
      cpSync(join(root, part), join(home, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
    return undefined
  },

  configure({ dir, count, seconds }) {
    const endpoint = `ipc://${dir}/control`
    const ini = join(dir, 'circus.ini')
    writeFileSync(
      ini,
      `[circus]
endpoint = ${endpoint}
pubsub_endpoint = ipc://${dir}/events

[watcher:sleep]
cmd = sleep ${seconds}
numprocesses = ${count}
`,
    )
    return {
      start: { argv: [process.execPath, join(bin, 'circusd.js'), ini] },
      status: { argv: [process.execPath, join(bin, 'circusctl.js'), 'status', '--endpoint', endpoint] },
      stop: 'SIGTERM',
    }
  },
}
