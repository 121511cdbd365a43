import { KernelError, reasonOf } from '../errors.ts'
import { check } from '../schema.ts'
import type { OutputStream, StreamClass, StreamContext } from './stream.ts'

/** Options of a stream as they are in the configuration: `class`, and what the class takes. */
export type StreamOptions = Readonly<Record<string, string>>

/** Where the original's classes are: any module of this package. */
const originalPath = /^circus\.stream\.(?:\w+\.)?(\w+)$/

/** Finds a module by a path or a package's name, and imports it. */
export type LoadModule = (specifier: string) => Promise<Record<string, unknown>>

/** The stream classes of a daemon: those that plugins contribute, and those of modules (`./my-stream.ts:MyStream`). */
export class StreamClasses {
  readonly #classes = new Map<string, StreamClass>()
  /** Relative paths in options start here. */
  readonly folder: string
  readonly #load: LoadModule

  constructor(folder: string, load: LoadModule) {
    this.folder = folder
    this.#load = load
  }

  /** Add a class. Returns how to take it away again; streams that exist stay. Throws `ERR_PLUGIN_INVALID` when the name is taken. */
  add(streamClass: StreamClass, plugin: string): () => void {
    const { name } = streamClass
    if (this.#classes.has(name)) throw new KernelError('ERR_PLUGIN_INVALID', [plugin, `stream class ${name} is taken`])
    this.#classes.set(name, streamClass)
    return () => void (this.#classes.get(name) === streamClass && this.#classes.delete(name))
  }

  /**
   * Check the options of a stream. Resolves to what makes it. Rejects with `ERR_STREAM_INVALID`, with everything that is wrong.
   *
   * @param option `stdout_stream` or `stderr_stream`
   */
  async prepare(
    option: string,
    { class: className = 'FileStream', ...given }: StreamOptions,
  ): Promise<(context: StreamContext) => OutputStream | Promise<OutputStream>> {
    const streamClass = await this.#find(option, className)
    // Accepted and without effect, as in the original since 0.11.
    const { refresh_time: _, ...options } = given
    if (!streamClass.options) return (context) => streamClass.create(options, context)
    const result = await check(streamClass.options, options)
    if ('value' in result) return (context) => streamClass.create(result.value, context)
    const words = result.issues.map(({ path, message }) => (path ? `${option}.${path}: ${message}` : message))
    throw new KernelError('ERR_STREAM_INVALID', [`${words.join('; ')} (${className})`])
  }

  async #find(option: string, name: string): Promise<StreamClass> {
    const known = this.#classes.get(originalPath.exec(name)?.[1] ?? name)
    if (known) return known
    const [, specifier, exported] = /^(.+):(\w+)$/.exec(name) ?? []
    if (!specifier || !exported) {
      const names = [...this.#classes.keys()].sort().join(', ')
      const what = `${option}.class = ${name}: no such class; there are ${names}, and MODULE:NAME for one of your own`
      throw new KernelError('ERR_STREAM_INVALID', [what])
    }
    const module = await this.#load(specifier).catch((error) => {
      throw new KernelError('ERR_STREAM_INVALID', [reasonOf(error)], { cause: error })
    })
    return asStreamClass(module[exported], option, name)
  }
}

function asStreamClass(value: unknown, option: string, name: string): StreamClass {
  if (typeof value === 'function') {
    const Constructor = value as new (options: StreamOptions, context: StreamContext) => OutputStream
    return { name, create: (options, context) => new Constructor(options as StreamOptions, context) }
  }
  if (typeof (value as StreamClass | undefined)?.create === 'function') return value as StreamClass
  const what = `${option}.class = ${name}: that is neither a class nor made with defineStream({…})`
  throw new KernelError('ERR_STREAM_INVALID', [what])
}
