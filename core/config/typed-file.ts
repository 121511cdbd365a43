import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { cosmiconfig, type Loader } from 'cosmiconfig'
import { reasonOf } from '../errors.ts'
import { provideSelf } from '../self-import.ts'
import { objectSource } from './object-source.ts'
import { ConfigError, type Report } from './report.ts'
import type { Source } from './source.ts'

const require = createRequire(import.meta.url)
const scripts = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']

/** Read a typed configuration. Loaded only when one is read: an ini needs nothing of this. */
export async function readTyped(file: string, report: Report): Promise<Source> {
  const origin = { file, line: 0 }
  return objectSource(file, await load(file), origin, report)
}

async function load(file: string): Promise<unknown> {
  provideSelf()
  try {
    const explorer = cosmiconfig('circus', {
      cache: false,
      loaders: Object.fromEntries(scripts.map((extension) => [extension, importFresh])),
    })
    const found = await explorer.load(file)
    if (!found) throw new Error('has no "circus" key')
    if (found.isEmpty) throw new Error('is empty')
    return found.config
  } catch (error) {
    throw new ConfigError([{ message: reasonOf(error), file, line: lineOf(error, file) }], [], { cause: error })
  }
}

/** A module stays in the cache of its URL: what a changed file says is only seen under another one. */
const importFresh: Loader = async (path, content) => {
  const file = realpathSync(path)
  delete require.cache[file]
  const version = createHash('sha1').update(content).digest('hex')
  const module = await import(`${pathToFileURL(file).href}?${version}`)
  return module.default
}

/** The line a parser complains about, as js-yaml, JSON.parse and the engine each tell it. */
function lineOf(error: unknown, file: string): number {
  const { mark, message = '', stack = '' } = error as { mark?: { line: number }; message?: string; stack?: string }
  if (mark) return mark.line + 1
  const json = /\(line (\d+) column/.exec(message)
  if (json) return Number(json[1])
  const at = stack.indexOf(file)
  return Number(/^(?:\?\w+)?:(\d+)/.exec(at < 0 ? '' : stack.slice(at + file.length))?.[1] ?? 0)
}
