import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manager } from './managers/manager.ts'
import type { SuiteOptions } from './suite.ts'

/** Those of the managers that were asked for and can be measured here; why another cannot is printed. */
export function prepareManagers<M extends Pick<Manager, 'name' | 'prepare'>>(
  managers: readonly M[],
  { only }: SuiteOptions,
  workDir: string,
): M[] {
  const cacheDir = join(process.env['XDG_CACHE_HOME'] || tmpdir(), 'circusd-bench')
  mkdirSync(cacheDir, { recursive: true })
  const chosen = managers.filter(({ name }) => only.length === 0 || only.includes(name))
  return chosen.filter((manager) => {
    const missing = manager.prepare({ cacheDir, workDir })
    if (missing !== undefined) console.log(`${manager.name} is left out: ${missing}`)
    return missing === undefined
  })
}
