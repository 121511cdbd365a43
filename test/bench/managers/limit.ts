import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Manager, missingPrograms } from './manager.ts'

const source = join(import.meta.dirname, '../limit.c')
let program: string

/** `limit.c`: what the kernel takes, and no manager can undercut. */
export const limit: Manager = {
  name: 'limit',

  prepare({ workDir }) {
    program = join(workDir, 'limit')
    const missing = missingPrograms('gcc libc6-dev', ['cc'])
    if (missing === undefined) execFileSync('cc', ['-O2', '-Wall', '-o', program, source], { stdio: 'inherit' })
    return missing
  },

  configure({ count, seconds, dir }) {
    return { start: { argv: [program, String(count), 'sleep', String(seconds)], env: { HOME: dir } }, stop: 'SIGTERM' }
  },
}
