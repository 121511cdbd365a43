import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Manager } from './manager.ts'

const version = '7.0.4'
let home: string
let program: string

/** Where the package was installed by `prepare`. */
export const pm2Home = (): string => home

/** PM2 from npm, kept in the cache folder, in fork mode without an interpreter. */
export const pm2: Manager = {
  name: 'pm2',

  prepare({ cacheDir }) {
    home = join(cacheDir, `pm2-${version}`)
    program = join(home, 'node_modules/pm2/bin/pm2')
    if (existsSync(program)) return undefined
    try {
      execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', home, `pm2@${version}`])
      return undefined
    } catch (error) {
      return `npm install pm2@${version} failed: ${error instanceof Error ? error.message : error}`
    }
  },

  configure({ dir, count, seconds }) {
    const state = join(dir, 'pm2')
    const ecosystem = join(dir, 'ecosystem.config.json')
    const app = { name: 'sleep', script: 'sleep', args: `${seconds}`, exec_interpreter: 'none', exec_mode: 'fork' }
    writeFileSync(ecosystem, JSON.stringify({ apps: [{ ...app, cwd: dir, instances: count }] }))
    const cli = (...args: string[]): Command => ({
      argv: [process.execPath, program, ...args],
      env: { PM2_HOME: state, PM2_DISCRETE_MODE: 'true' },
    })
    return {
      start: cli('start', ecosystem),
      pidFile: join(state, 'pm2.pid'),
      status: cli('status'),
      stop: cli('kill'),
    }
  },
}
