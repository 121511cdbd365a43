import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Environment } from './source.ts'
import type { WatcherOptions } from './types.ts'

/**
 * The environment a process of the watcher starts with: the daemon's with `copy_env`, then the watcher's own. `$NAME` and
 * `${NAME}` (capitals, digits, `_`) in its values are the daemon's variables, empty when it has none, as in the original.
 * A `virtualenv` puts its `bin` first on PATH, and its site-packages with what their `.pth` files name on PYTHONPATH.
 */
export function spawnEnvironment(options: WatcherOptions, daemon: Environment): Record<string, string> {
  const env = new Map<string, string>()
  if (options.copy_env)
    for (const [name, value] of Object.entries(daemon)) if (value !== undefined) env.set(name, value)
  for (const [name, value] of Object.entries(options.env)) env.set(name.trim(), expandVariables(value, daemon).trim())
  if (options.virtualenv !== null) enterVirtualenv(env, options.virtualenv, options.virtualenv_py_ver)
  return Object.fromEntries(env)
}

/** Where a virtualenv keeps its packages; Python 3.11 unless told otherwise. */
export function sitePackages(virtualenv: string, version: string | null): string {
  return join(virtualenv, 'lib', `python${version ?? '3.11'}`, 'site-packages')
}

function expandVariables(value: string, daemon: Environment): string {
  return value.replace(/\$(?:([A-Z][A-Z0-9_]*)|\{([A-Z][A-Z0-9_]*)\})/g, (_, bare?: string, braced?: string) => {
    const name = (bare ?? braced)!
    return (Object.hasOwn(daemon, name) ? daemon[name] : undefined) ?? ''
  })
}

function enterVirtualenv(env: Map<string, string>, virtualenv: string, version: string | null): void {
  const bin = join(virtualenv, 'bin')
  if (existsSync(bin)) env.set('PATH', [bin, env.get('PATH')].filter(Boolean).join(delimiter))
  const site = sitePackages(virtualenv, version)
  const named = pathFiles(site)
  const inherited = env.get('PYTHONPATH')?.split(delimiter) ?? []
  env.set('PYTHONPATH', [...new Set([...named, ...inherited, site])].filter(Boolean).join(delimiter))
}

/** The folders that `.pth` files add: Python reads those only in its own site-packages, never in PYTHONPATH. */
function pathFiles(site: string): string[] {
  const files = unlessUnreadable(() => readdirSync(site)).filter((file) => file.endsWith('.pth'))
  return files.sort().flatMap((file) =>
    unlessUnreadable(() => readFileSync(join(site, file), 'utf8').split(/\r?\n/))
      .map((line) => line.trimEnd())
      .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('import'))
      .map((line) => resolve(site, line))
      .filter(existsSync),
  )
}

function unlessUnreadable(read: () => string[]): string[] {
  try {
    return read()
  } catch {
    return []
  }
}
