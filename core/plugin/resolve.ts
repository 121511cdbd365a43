import { existsSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isClassPath, originalPlugins } from '../config/original-plugins.ts'
import { KernelError, reasonOf } from '../errors.ts'
import { provideSelf } from '../self-import.ts'
import type { PluginDefinition } from './definition.ts'

/** A plugin that was found. */
export interface Found {
  readonly definition: PluginDefinition
  /** The file it came from. */
  readonly file: string
  /** Options that its class path of the original stands for. */
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * Find and load what `use` names: a class path of the original, a built-in plugin, a path relative to `folder`, or an npm
 * package looked up from `folder`, then from here. Throws `ERR_PLUGIN_UNKNOWN`, `ERR_PLUGIN_INVALID`.
 */
export async function findPlugin(use: string, folder: string): Promise<Found> {
  const original = originalPlugins.get(use)
  const file = locate(original?.name ?? use, folder, 'circusd-plugin-')
  if (!file) throw new KernelError('ERR_PLUGIN_UNKNOWN', [use, whatToWrite(use, folder)])
  const { default: definition } = await importFile(file).catch((error: Error) => {
    throw new KernelError('ERR_PLUGIN_INVALID', [use, error.message], { cause: error })
  })
  if (!isDefinition(definition)) {
    throw new KernelError('ERR_PLUGIN_INVALID', [use, `the default export of ${file} is not definePlugin({…})`])
  }
  return { definition, file, options: original?.options ?? {} }
}

const isDefinition = (value: unknown): value is PluginDefinition => {
  const { name, setup } = (value ?? {}) as Partial<PluginDefinition>
  return typeof setup === 'function' && typeof name === 'string'
}

/** Import a module by its file; it may import `circusd`. Rejects with an error that names the file. */
async function importFile(file: string): Promise<Record<string, unknown>> {
  provideSelf()
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    throw new Error(`${file} cannot be loaded: ${reasonOf(error)}`, { cause: error })
  }
}

/** The file of a module that an option names, looked up like a plugin but for the built-in ones. Throws when there is none. */
export function locateModule(name: string, folder: string): string {
  const file = isPath(name) ? existing(resolve(folder, name)) : inPackages(name, folder)
  if (file) return file
  throw new Error(`${name} was not found from ${folder}: neither a file nor a package`)
}

/** Import the module that an option names. Rejects with words on what is wrong. */
export async function loadModule(name: string, folder: string): Promise<Record<string, unknown>> {
  return importFile(locateModule(name, folder))
}

const isPath = (name: string) => isAbsolute(name) || /^\.{1,2}\//.test(name) || /\.[cm]?[jt]s$/.test(name)

function locate(name: string, folder: string, prefix: string): string | null {
  if (isPath(name)) return existing(resolve(folder, name))
  const packaged = name.startsWith('@') ? name.replace('/', `/${prefix}`) : `${prefix}${name}`
  return builtIn(name) ?? inPackages(name, folder) ?? inPackages(packaged, folder)
}

const existing = (file: string): string | null => (existsSync(file) ? file : null)

function builtIn(name: string): string | null {
  if (!/^[\w-]+$/.test(name)) return null
  // The original's modules have underscores in their names.
  const folder = name.replaceAll('_', '-')
  // From the sources or from dist/: the plugins lie beside the kernel, in the same language.
  const here = fileURLToPath(import.meta.url)
  return existing(resolve(dirname(here), '../../plugins', folder, `index${extname(here)}`))
}

function inPackages(name: string, folder: string): string | null {
  if (!/^(@[\w.-]+\/)?[\w.-]+(\/[\w./-]+)?$/.test(name)) return null
  for (const base of [join(folder, 'circus.ini'), fileURLToPath(import.meta.url)]) {
    const manifest = packageManifest(name, base)
    if (!manifest) continue
    const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8'))
    const subpath = name
      .split('/')
      .slice(name.startsWith('@') ? 2 : 1)
      .join('/')
    const entry = exportedFile(exports, subpath ? `./${subpath}` : '.') ?? (subpath || main || 'index.js')
    const file = existing(resolve(dirname(manifest), entry))
    if (file) return file
  }
  return null
}

function packageManifest(name: string, base: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(base))
  } catch {
    return undefined
  }
}

/** What `exports` of a package.json gives for a subpath: https://nodejs.org/api/packages.html#conditional-exports */
function exportedFile(exports: unknown, subpath: string): string | undefined {
  if (typeof exports === 'string') return subpath === '.' ? exports : undefined
  if (typeof exports !== 'object' || exports === null) return undefined
  const isSubpaths = Object.keys(exports).some((key) => key.startsWith('.'))
  const target = isSubpaths ? (exports as Record<string, unknown>)[subpath] : subpath === '.' ? exports : undefined
  return conditional(target)
}

function conditional(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, value] of Object.entries(target)) {
    if (!['node', 'import', 'module-sync', 'default', 'require'].includes(condition)) continue
    const found = conditional(value)
    if (found) return found
  }
  return undefined
}

function whatToWrite(use: string, folder: string): string {
  if (isClassPath(use)) {
    return (
      'it looks like a Python class, and Python plugins do not run here: write use = NAME of a built-in plugin, ' +
      'use = ./my-plugin.ts, or the name of an npm package'
    )
  }
  return isPath(use)
    ? `there is no file ${resolve(folder, use)}`
    : `no built-in plugin, and no npm package ${use} or circusd-plugin-${use} from ${folder}`
}
