import type { Arbiter } from '../arbiter.ts'
import { type Config, ConfigError, type Diagnostic, type WatcherConfig } from '../config/index.ts'
import { type StreamClasses, type StreamOption, type StreamProblem, streamOptions } from './stream-classes.ts'

/** Something wrong with a stream of a watcher, and where it was written. */
export interface PlacedProblem extends Diagnostic {
  readonly unknownClass?: true
  readonly ignored?: true
}

/** Everything that is wrong with the streams of a watcher. */
export async function streamProblems(streams: StreamClasses, config: WatcherConfig): Promise<PlacedProblem[]> {
  const all = streamOptions.map(async (option) => {
    const options = config.options[option]
    if (Object.keys(options).length === 0) return []
    const { problems } = await streams.examine(option, options)
    return problems.map((problem) => placed(config, option, problem))
  })
  return (await Promise.all(all)).flat()
}

/**
 * Refuse a configuration with wrong options of streams. A class that is not known may come with a plugin that is not there
 * yet. Throws `ERR_CONFIG_INVALID`, with everything that is wrong.
 */
export async function assertStreams(arbiter: Arbiter, { watchers, plugins }: Config): Promise<void> {
  const all = watchers.map(async (config) => {
    await arbiter.ensurePlugins(config.options)
    return streamProblems(arbiter.streams, config)
  })
  const loaded = new Set(arbiter.plugins.loaded.map(({ config }) => config.name))
  const mayCome = plugins.some(({ name }) => !loaded.has(name))
  const problems = (await Promise.all(all)).flat().filter(({ unknownClass }) => !(unknownClass && mayCome))
  if (problems.some(({ ignored }) => !ignored)) throw new ConfigError(problems)
}

/** A problem with the line of the option it is about; of one that is missing, with the first of its stream. */
export function placed({ name, origins }: WatcherConfig, option: StreamOption, problem: StreamProblem): PlacedProblem {
  const { file, line } = origins[problem.option] ?? firstOf(option, origins) ?? { file: 'API', line: 0 }
  const { option: _, message, ...rest } = problem
  return { ...rest, message: `[watcher:${name}] ${message}`, file, line }
}

const firstOf = (option: StreamOption, origins: WatcherConfig['origins']) =>
  Object.entries(origins).find(([name]) => name.startsWith(`${option}.`))?.[1]
