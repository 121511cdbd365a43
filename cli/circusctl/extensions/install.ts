import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../command.ts'
import { type CliPackage, installFolder, packagesOf } from './packages.ts'

/**
 * Install a package with commands for `circusctl`: a name, with a version if need be, or the path of a folder or a tarball.
 * In place of one of that name. It is the user's own npm that does it; no script of any package is run.
 */
export async function install(what: string): Promise<CliPackage> {
  if (/^[./]/.test(what) && !existsSync(what)) throw new UsageError(`there is no ${what}`)
  const folder = installFolder()
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fresh = mkdtempSync(join(folder, '.new-'))
  try {
    writeFileSync(join(fresh, 'package.json'), '{ "private": true }\n')
    await npm(fresh, existsSync(what) ? resolve(what) : what)
    const found = packagesOf(fresh, 'installed', () => true)[0]
    if (!found) throw new UsageError(`${what} brings no commands for circusctl: its package.json has no "oclif"`)
    if (found.words.length === 0) {
      throw new UsageError(
        `the commands of ${found.name} are not known: it has no oclif.manifest.json ` +
          '(its author makes that with circusctl plugins manifest), or only commands that circusctl has itself',
      )
    }
    const place = placeOf(found.name)
    rmSync(place, { recursive: true, force: true })
    renameSync(fresh, place)
    return { ...found, root: found.root.replace(fresh, () => place) }
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Remove an installed package. */
export function uninstall(name: string): void {
  const place = placeOf(name)
  if (!existsSync(place)) throw new UsageError(`${name} is not installed; circusctl plugins lists what is`)
  rmSync(place, { recursive: true })
}

/** One folder for each package, so that none can be in the way of another. */
function placeOf(name: string): string {
  if (!/^(@[\w.-]+\/)?\w[\w.-]*$/.test(name)) throw new UsageError(`'${name}' is no name of a package`)
  return join(installFolder(), name.replace('/', '+'))
}

async function npm(folder: string, what: string): Promise<void> {
  const args = [
    'install',
    `--prefix=${folder}`,
    '--ignore-scripts',
    '--install-links', // a folder is copied: what is installed stays as it is
    '--legacy-peer-deps', // circusd, which they have as a peer, is the one that runs them
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
    '--loglevel=error',
    '--',
    what,
  ]
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(child, 'close').catch((error: Error) => {
    throw new Error(`npm cannot be run: ${error.message}. It comes with Node.js and must be on the PATH`)
  })
  if (code !== 0) throw new Error(`npm could not install ${what}; nothing was changed`)
}
