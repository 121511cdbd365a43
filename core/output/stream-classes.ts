import { nearestName } from '../config/nearest.ts'
import { isClassPath } from '../config/original-plugins.ts'
import { watcherHint } from '../config/watcher-hints.ts'
import { KernelError, reasonOf } from '../errors.ts'
import { check, jsonSchema, type Schema } from '../schema.ts'
import { maskSecrets } from '../secrets.ts'
import type { OutputStream, StreamClass, StreamContext } from './stream.ts'

/** Options of a stream as they are in the configuration: `class`, and what the class takes. */
export type StreamOptions = Readonly<Record<string, string>>

/** Which stream of a watcher options are of. */
export type StreamOption = 'stdout_stream' | 'stderr_stream'

export const streamOptions: readonly StreamOption[] = ['stdout_stream', 'stderr_stream']

/** One thing that is wrong with the options of a stream: it cannot be made, unless that is all `ignored`. */
export interface StreamProblem {
  /** Which option, by its name in the ini: `stdout_stream.filename`. */
  readonly option: string
  /** What is wrong, with the option, its value and what to write. */
  readonly message: string
  /** Whether the class is not known: it may be a plugin's that is not loaded. */
  readonly unknownClass?: true
  /** Whether it is an option that the class does not know: the original takes any, so the stream does without it. */
  readonly ignored?: true
}

/** What was found out about the options of a stream. */
export interface Examined {
  /** Everything that is wrong with them. */
  readonly problems: readonly StreamProblem[]
  /** What makes the stream, if it can be made. */
  readonly make?: MakeStream
}

/** Makes streams. */
export type MakeStream = (context: StreamContext) => OutputStream | Promise<OutputStream>

/** Where the original's classes are: any module of this package. */
const originalPath = /^circus\.stream\.(?:\w+\.)?(\w+)$/

/** What an ini means that names none, as in the original. */
const USUAL_CLASS = 'FileStream'

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

  /** Check the options of a stream. Resolves to what makes it. Rejects with `ERR_STREAM_INVALID`, with everything that is wrong. */
  async prepare(option: StreamOption, options: StreamOptions): Promise<MakeStream> {
    const { make, problems } = await this.examine(option, options)
    if (make) return make
    const words = problems.map(({ message }) => message)
    throw new KernelError('ERR_STREAM_INVALID', [words.join('; ')])
  }

  /** As `prepare`, but tells everything that is wrong one by one, also what is ignored. */
  async examine(option: StreamOption, options: StreamOptions): Promise<Examined> {
    const found = await this.#find(option, options)
    if ('message' in found) return { problems: [found] }
    return examineOptions(option, found, options)
  }

  async #find(option: StreamOption, options: StreamOptions): Promise<StreamClass | StreamProblem> {
    const { class: name = USUAL_CLASS } = options
    const known = this.#classes.get(originalPath.exec(name)?.[1] ?? name)
    if (known) return known
    const wrong = (why: string): StreamProblem => ({
      option: `${option}.class`,
      message: `${option}.class = ${name}: ${why}`,
    })
    const [, specifier, exported] = /^(.+):(\w+)$/.exec(name) ?? []
    if (!specifier || !exported) {
      const names = [...this.#classes.keys()].sort()
      const nearest = nearestName(name, names)
      const instead = `there are ${names.join(', ')}, and MODULE:NAME for one of your own`
      if (nearest) return { ...wrong(`no such class; did you mean ${nearest}?`), unknownClass: true }
      if (isClassPath(name)) return wrong(`a class in Python cannot be loaded here; ${instead}`)
      return { ...wrong(`no such class; ${instead}`), unknownClass: true }
    }
    try {
      const module = await this.#load(specifier)
      if (!(exported in module)) return wrong(`${specifier} exports no ${exported}; ${exportsOf(module)}`)
      const what = 'write export class NAME { write(pieces) {…} }, or export const NAME = defineStream({…})'
      return asStreamClass(module[exported], name) ?? wrong(`${exported} is no stream class: ${what}`)
    } catch (error) {
      return wrong(reasonOf(error))
    }
  }
}

async function examineOptions(option: StreamOption, streamClass: StreamClass, all: StreamOptions): Promise<Examined> {
  const { options: schema } = streamClass
  // `refresh_time` is accepted and without effect, as in the original since 0.11.
  const { class: _, refresh_time: __, ...given } = all
  if (!schema) return { make: (context) => streamClass.create(given, context), problems: [] }
  const unknown = unknownOptions(option, streamClass.name, schema, given)
  const known = Object.entries(given).filter(([key]) => !unknown.has(key))
  const result = await check(schema, Object.fromEntries(known))
  const ignored = [...unknown.values()]
  if ('value' in result) return { make: (context) => streamClass.create(result.value, context), problems: ignored }
  return { problems: [...ignored, ...result.issues.map((issue) => problemOf(option, streamClass.name, issue, all))] }
}

/** What a schema that takes nothing else does not know, each with what was probably meant. */
function unknownOptions(
  option: StreamOption,
  className: string,
  schema: Schema,
  given: StreamOptions,
): Map<string, StreamProblem> {
  const { properties, additionalProperties } = jsonSchema(schema) as {
    readonly properties?: object
    readonly additionalProperties?: unknown
  }
  if (!properties || additionalProperties !== false) return new Map()
  const names = Object.keys(properties)
  const unknown = Object.entries(given).filter(([key]) => !names.includes(key))
  return new Map(
    unknown.map(([key, value]) => {
      const synonym = meant(key)
      const nearest = names.includes(synonym) ? synonym : nearestName(key, names)
      const takes =
        names.length > 0 ? `it takes ${names.map((name) => `${option}.${name}`).join(', ')}` : 'it takes none'
      const instead = nearest ? `did you mean ${option}.${nearest}?` : takes
      const message = `${assignment(`${option}.${key}`, value)}: no option of ${className}, it is ignored; ${instead}`
      return [key, { option: `${option}.${key}`, message, ignored: true }]
    }),
  )
}

/** What hands that are used to other process managers mean: `logfile`, `file`. */
function meant(key: string): string {
  const hint = watcherHint(`stdout_${key}`).nearest ?? watcherHint(key).nearest ?? key
  return hint.replace(/^\w+_stream\./, '')
}

function problemOf(
  option: StreamOption,
  className: string,
  { path, message }: { readonly path: string; readonly message: string },
  given: StreamOptions,
): StreamProblem {
  if (path === '') return { option, message: `${option}: ${message} (${className})` }
  const name = `${option}.${path}`
  const value = given[path]
  if (value !== undefined) return { option: name, message: `${assignment(name, value)}: ${message}` }
  const whose = given['class'] === undefined ? `${className}, which is meant without ${option}.class,` : className
  return { option: name, message: `${name} is missing: ${whose} needs it` }
}

/** As it was written, but for what looks like a secret. */
const assignment = (name: string, value: string): string =>
  `${name} = ${String((maskSecrets({ [name]: value }) as Record<string, unknown>)[name])}`

function exportsOf(module: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(module).filter((name) => name !== 'default')
  return names.length > 0 ? `it exports ${names.join(', ')}` : 'it exports nothing by a name'
}

function asStreamClass(value: unknown, name: string): StreamClass | undefined {
  // What is called without `new` has no prototype: arrow functions, async ones, methods.
  if (typeof value === 'function' && value.prototype) {
    const Constructor = value as new (options: StreamOptions, context: StreamContext) => OutputStream
    return { name, create: (options, context) => new Constructor(options as StreamOptions, context) }
  }
  return typeof (value as StreamClass | undefined)?.create === 'function' ? (value as StreamClass) : undefined
}
