import { type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environment } from './source.ts'

/**
 * The folder a watcher's processes start in: `working_dir`, relative to the daemon's own. The daemon's is called what its
 * `PWD` says as long as that is the same folder, so that links in it keep their names.
 */
export function workingFolder(
  options: { readonly working_dir: string | null },
  daemon: Environment = process.env,
): string {
  return resolve(daemonFolder(daemon), options.working_dir ?? '')
}

function daemonFolder(daemon: Environment): string {
  const here = process.cwd()
  const named = daemon['PWD']
  if (!named?.startsWith('/')) return here
  const there = folder(named)
  const real = folder(here)
  return there && there.ino === real?.ino && there.dev === real.dev ? named : here
}

/** `PWD` may well name a folder that this user cannot even look at. */
function folder(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
