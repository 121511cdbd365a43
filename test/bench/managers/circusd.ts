import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manager } from './manager.ts'

const root = join(import.meta.dirname, '../../..')
let bin: string

/** This project's daemon, from JavaScript as in the published package: in the checkout its programs run the sources. */
export const circusd: Manager = {
  name: 'circusd',

  prepare({ workDir }) {
    if (!existsSync(join(root, 'cli/bin/circusd.js'))) return 'cli/bin/circusd.js does not exist'
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    bin = join(workDir, 'package/cli/bin')
    mkdirSync(bin, { recursive: true })
    cpSync(join(root, 'cli/bin'), bin, { recursive: true })
    cpSync(join(root, 'package.json'), join(workDir, 'package/package.json'))
    symlinkSync(join(root, 'dist'), join(workDir, 'package/dist'))
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
