import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { reasonOf } from '../errors.ts'
import { ConfigError } from './report.ts'

const places = [
  'circus.ini',
  ...['', '.json', '.yaml', '.yml', '.ts', '.js', '.mjs', '.cjs'].map((extension) => `.circusrc${extension}`),
  ...['.ts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'].map((extension) => `circus.config${extension}`),
  'package.json',
]

/**
 * The configuration to use when none is named: `circus.ini`, `.circusrc*`, `circus.config.*` or a `circus` key in
 * package.json, from `cwd` upwards, then `/etc/circus/circus.ini`. `null` when there is none; nothing is evaluated.
 * Throws a `ConfigError` for a package.json on the way that is not JSON.
 */
export async function findConfig(
  cwd: string = process.cwd(),
  system = '/etc/circus/circus.ini',
): Promise<string | null> {
  const { cosmiconfig } = await import('cosmiconfig')
  // That a file is there is enough: only package.json has to be read to know.
  const present = () => ({})
  const extensions = ['.ini', '.ts', '.js', '.mjs', '.cjs', '.yaml', '.yml', 'noExt']
  try {
    const explorer = cosmiconfig('circus', {
      searchPlaces: places,
      cache: false,
      loaders: {
        ...Object.fromEntries(extensions.map((extension) => [extension, present])),
        '.json': (path, content) => (path.endsWith('package.json') ? JSON.parse(content) : {}),
      },
    })
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
      const found = await explorer.search(folder)
      if (found) return found.filepath
      if (folder === dirname(folder)) break
    }
  } catch (error) {
    const file = (error as { filepath?: string }).filepath ?? cwd
    throw new ConfigError([{ message: `cannot be read: ${reasonOf(error)}`, file, line: 0 }], [], { cause: error })
  }
  return statSync(system, { throwIfNoEntry: false })?.isFile() ? system : null
}
