import { globSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { includeOptions } from './circus-table.ts'
import { type IniDocument, mergeIni, readIni } from './ini.ts'
import type { Report } from './report.ts'
import type { Environment } from './source.ts'
import { environmentLookup, substitute } from './substitute.ts'
import type { Origin } from './types.ts'

/**
 * Read an ini file and what it includes, and what that includes, as one document; what is said first wins. Paths are
 * relative to the file that names them. A file is read once; errors are reported where they were written.
 */
export function readIniFiles(path: string, environment: Environment, report: Report): IniDocument {
  const seen = new Set<string>()
  return readWithIncludes(path, { file: path, line: 0 }, [])

  function readWithIncludes(file: string, origin: Origin, above: readonly string[]): IniDocument {
    const text = readText(file, origin, report, above.length > 0)
    if (text === undefined) return new Map()
    const real = realpathSync(file)
    seen.add(real)
    const document = readIni(text, file, report)
    for (const included of includesOf(document, file, environment, report)) {
      const target = tryRealpath(included.path)
      if ([...above, real].includes(target) && included.explicit) {
        report.warn(included.origin, `${included.path} is included by itself; it is read once`)
      }
      if (!seen.has(target)) mergeIni(document, readWithIncludes(included.path, included.origin, [...above, real]))
    }
    return document
  }
}

interface Include {
  readonly path: string
  readonly origin: Origin
  /** Named as it is, and not found by a pattern. */
  readonly explicit: boolean
}

function includesOf(document: IniDocument, file: string, environment: Environment, report: Report): Include[] {
  const own = [...(document.get('env')?.options.values() ?? [])].map(({ name, text }) => [name, text] as const)
  const lookup = environmentLookup([Object.entries(environment), own])
  const folder = dirname(file)
  return includeOptions.flatMap((name) => {
    const option = document.get('circus')?.options.get(name)
    if (!option) return []
    const patterns = substitute(option.text, lookup).split(/\s+/).filter(Boolean)
    return patterns.flatMap((pattern) => {
      const wanted = name === 'include_dir' ? join(pattern, '*.ini') : pattern
      const paths = filesOf(wanted, folder)
      if (paths.length === 0) {
        report.warn(option.origin, `[circus] ${name} = ${pattern}: no such file; paths are relative to ${folder}`)
      }
      return paths.map((path) => ({ path, origin: option.origin, explicit: wanted === pattern && !isPattern(pattern) }))
    })
  })
}

function filesOf(pattern: string, folder: string): string[] {
  if (!isPattern(pattern)) {
    const path = resolve(folder, pattern)
    return statSync(path, { throwIfNoEntry: false }) ? [path] : []
  }
  // As in a shell, and in the original: hidden files only when the pattern says so, and no braces.
  const hidden = basename(pattern).startsWith('.')
  const literal = pattern.replace(/[{}()!@+|\\]/g, '[$&]').replaceAll('[!]', '!')
  return globSync(literal, { cwd: folder })
    .filter((path) => hidden || !basename(path).startsWith('.'))
    .map((path) => resolve(folder, path))
    .sort()
}

function isPattern(path: string): boolean {
  return /[*?[]/.test(path)
}

function readText(file: string, origin: Origin, report: Report, included: boolean): string | undefined {
  let bytes: Buffer
  try {
    if (included && !statSync(file).isFile()) throw new Error('it is not a file')
    bytes = readFileSync(file)
  } catch (error) {
    report.error(origin, `${included ? `include of ${file}: ` : ''}cannot be read: ${(error as Error).message}`)
    return undefined
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const text = new TextDecoder().decode(bytes)
    const line = text.slice(0, text.indexOf('\uFFFD')).split(/\r\n|\n|\r/).length
    report.error({ file, line }, 'is not UTF-8 text; save the file as UTF-8')
    return text
  }
}

function tryRealpath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
