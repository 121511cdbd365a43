import { basename, extname, resolve } from 'node:path'
import { buildConfig } from './build.ts'
import { readIniFiles } from './ini-files.ts'
import { iniSource } from './ini-source.ts'
import { Report } from './report.ts'
import type { Environment, Source } from './source.ts'
import type { Config } from './types.ts'

const typedExtensions = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '.yaml', '.yml'])

/** What a configuration is read against; the process's own environment and folder by default. */
export interface LoadContext {
  readonly env?: Environment
  readonly cwd?: string
}

/**
 * Read a configuration: an ini file, or a typed one (`.ts`, `.js`, `.json`, `.yaml`, `.circusrc*`, the `circus` key of
 * package.json). Throws a `ConfigError` with everything that is wrong with it.
 */
export async function loadConfig(path: string, context: LoadContext = {}): Promise<Config> {
  const file = resolve(context.cwd ?? process.cwd(), path)
  const environment = context.env ?? process.env
  const report = new Report(file)
  const source = await readSource(file, environment, report)
  const config = buildConfig(source, environment, report)
  report.throwErrors()
  return config
}

async function readSource(file: string, environment: Environment, report: Report): Promise<Source> {
  if (!isTyped(file)) return iniSource(file, readIniFiles(file, environment, report), report)
  const { readTyped } = await import('./typed-file.ts')
  return readTyped(file, report)
}

function isTyped(file: string): boolean {
  return typedExtensions.has(extname(file).toLowerCase()) || basename(file) === '.circusrc'
}
