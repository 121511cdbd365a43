import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '../managers/manager.ts'
import { pm2, pm2Home } from '../managers/pm2.ts'
import { KEPT_FILES, type LogSubject, MAX_BYTES } from './subject.ts'

const module = 'pm2-logrotate'
const version = '3.0.0'
/** A home of PM2 with the module in it, from which each round has a copy. */
let template: string

/** PM2 with its module for rotation, a file for each process. */
export const logsOfPm2: LogSubject = {
  name: 'pm2',

  prepare(dirs) {
    const missing = pm2.prepare(dirs)
    if (missing !== undefined) return missing
    template = join(dirs.cacheDir, `${module}-${version}`)
    if (existsSync(join(template, 'modules', module))) return undefined
    const env = { ...process.env, PM2_HOME: template, PM2_DISCRETE_MODE: 'true' }
    const run = (...args: string[]) => execFileSync(process.execPath, [program(), ...args], { env, stdio: 'ignore' })
    try {
      run('install', `${module}@${version}`)
      run('kill')
      return undefined
    } catch (error) {
      rmSync(template, { recursive: true, force: true })
      return `pm2 install ${module}@${version} failed: ${error instanceof Error ? error.message : error}`
    }
  },

  configure({ dir, count, argv: [script, ...args], rotates }) {
    const home = join(dir, 'pm2')
    cpSync(template, home, { recursive: true, filter: (path) => !/\.(sock|pid|log)$/.test(path) })
    // Every second is as often as the module looks.
    const settings = {
      max_size: rotates ? `${MAX_BYTES / 1e6}M` : '100G',
      retain: `${KEPT_FILES}`,
      workerInterval: '1',
    }
    writeFileSync(
      join(home, 'module_conf.json'),
      JSON.stringify({ [module]: settings, 'module-db-v2': { [module]: {} } }),
    )
    const ecosystem = join(dir, 'ecosystem.config.json')
    const logs = { out_file: join(dir, 'out.log'), error_file: '/dev/null' }
    const app = { name: 'writer', script, args: args.join(' '), exec_interpreter: 'none', exec_mode: 'fork', ...logs }
    writeFileSync(ecosystem, JSON.stringify({ apps: [{ ...app, cwd: dir, instances: count }] }))
    const cli = (...words: string[]): Command => ({
      argv: [process.execPath, program(), ...words],
      env: { PM2_HOME: home, PM2_DISCRETE_MODE: 'true' },
    })
    return {
      start: cli('start', ecosystem),
      pidFile: join(home, 'pm2.pid'),
      stop: cli('kill'),
      files: () => files(dir),
    }
  },
}

const program = (): string => join(pm2Home(), 'node_modules/pm2/bin/pm2')

/** `out-0__2026-11-23_18-33-41.log` …, then `out-0.log`, for each process. */
function files(dir: string): string[][] {
  const names = readdirSync(dir).filter((name) => /^out.*\.log$/.test(name))
  const groups = Object.groupBy(names, (name) => name.replace(/__.*/, '.log'))
  return Object.entries(groups).map(([current, all = []]) =>
    [...all.filter((name) => name !== current).sort(), current].map((name) => join(dir, name)).filter(existsSync),
  )
}
