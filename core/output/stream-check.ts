import { dirname } from 'node:path'
import type { Config, Diagnostic, WatcherOptions } from '../config/index.ts'
import type { KernelCircus, KernelPlugin } from '../plugin/definition.ts'
import { findPlugin, locateModule } from '../plugin/resolve.ts'
import type { StreamClass } from './stream.ts'
import { StreamClasses, streamOptions } from './stream-classes.ts'
import { streamProblems } from './stream-problems.ts'

/**
 * What is wrong with the streams of a configuration, as warnings: the daemon does without what is wrong. Nothing is opened,
 * and nothing that the configuration names is run: of a class in a module only the module's place is looked at.
 */
export async function streamWarnings({ file, watchers, plugins }: Config): Promise<Diagnostic[]> {
  const concerned = watchers.filter(({ options }) => hasStreams(options))
  if (concerned.length === 0) return []
  const classes = await builtInClasses(file === null ? process.cwd() : dirname(file))
  const problems = (await Promise.all(concerned.map((watcher) => streamProblems(classes, watcher)))).flat()
  return problems.map(({ message, file, line, unknownClass, ignored }) => {
    if (ignored) return { message, file, line }
    const unless = unknownClass && plugins.length > 0 ? ', unless a plugin brings it' : ''
    return { message: `${message}; its output goes where the daemon's own goes${unless}`, file, line }
  })
}

const hasStreams = (options: WatcherOptions): boolean =>
  streamOptions.some((option) => Object.keys(options[option]).length > 0)

/** The classes of the plugin `streams`, as it contributes them. */
async function builtInClasses(folder: string): Promise<StreamClasses> {
  const classes = new StreamClasses(folder, async (specifier) => {
    locateModule(specifier, folder)
    const anything: StreamClass = { name: specifier, create: () => ({ write() {} }) }
    return new Proxy({}, { has: () => true, get: () => anything })
  })
  const { definition } = await findPlugin('streams', folder)
  const circus: Partial<KernelCircus> = { folder, stream: (streamClass) => void classes.add(streamClass, 'streams') }
  await (definition as KernelPlugin).setup(circus as KernelCircus, {})
  return classes
}
